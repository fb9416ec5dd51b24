import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectNone } from './problems.ts';
import { findTests, type Manifest, readExamples, readPackages, readText, root } from './workspace.ts';

interface Task {
  readonly taskId: string;
  readonly dependencies: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
}

const members = [...readPackages(), ...readExamples()];
const names = new Set(members.map((member) => member.name));
const exampleDirectories = new Set(readExamples().map((member) => member.directory));
let tasks: ReadonlyMap<string, Task>;

beforeAll(() => {
  const args = ['run', 'test', 'typecheck', '--dry=json'];
  const env = { ...process.env, DO_NOT_TRACK: '1', TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
  const bin = join(root, 'node_modules/.bin/turbo');
  const output = execFileSync(bin, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const plan = JSON.parse(output) as { readonly tasks: readonly Task[] };
  tasks = new Map(plan.tasks.map((task) => [task.taskId, task]));
});

/** Tests run from the source of all packages, so a cached result holds only while none of these sources changes. */
describe('turbo.json', () => {
  it.each(members)('tests $name again when the source of a package that it uses changes', ({ name, manifest }) => {
    const used = internal(manifest).map((other) => `${other}#sources`);
    for (const task of ['test', 'typecheck']) {
      const planned = tasks.get(`${name}#${task}`);
      if (planned !== undefined) expect(planned.dependencies).toEqual(expect.arrayContaining(used));
    }
    expectNone(used.filter((task) => !tasks.has(task)));
  });

  it.each(members)('tests $name again when an example that its tests read changes', (member) => {
    const read = findTests(member).flatMap((path) => [...readText(path).matchAll(/\b(examples\/[a-z-]+)\b/g)]);
    const inputs = Object.keys(tasks.get(`${member.name}#test`)?.inputs ?? {});
    const examples = new Set(
      read.map(([, example = '']) => example).filter((example) => exampleDirectories.has(example)),
    );
    const missing = [...examples].filter((example) => !inputs.some((path) => path.includes(`${example}/`)));
    expectNone(missing.map((example) => `turbo.json: the task "${member.name}#test" needs the input ${example}`));
  });

  it('counts the source of a package, and not its tests, as its source', () => {
    const inputs = Object.keys(tasks.get('@mcpgen/oci#sources')?.inputs ?? {});
    expect(inputs).toEqual(expect.arrayContaining(['package.json', 'src/index.ts']));
    expect(inputs.filter((path) => path.endsWith('.test.ts'))).toEqual([]);
  });

  it('hands the sources on from package to package', () => {
    expect(tasks.get('@mcpgen/docker#sources')?.dependencies).toContain('@mcpgen/oci#sources');
  });
});

function internal({ dependencies, devDependencies }: Manifest): readonly string[] {
  return Object.keys({ ...dependencies, ...devDependencies }).filter((name) => names.has(name));
}
