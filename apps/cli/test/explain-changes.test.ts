import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRig, cliRig, REPOSITORY } from './cli-rig.ts';
import { built, workOf } from './edit-rig.ts';

const CONFIG = { title: 'One', build: { profile: 'fast', env: ['REGION'] }, image: { port: 3000 } };

const FILES: Readonly<Record<string, string>> = {
  'tools/echo.mjs': `import { shared } from '../lib/shared.mjs';\nimport pad from 'pad';\nexport default { description: 'Says', handler: () => shared(pad) };\n`,
  'tools/other.mjs': `export default { description: 'Other', input: { type: 'object', properties: { a: {} } }, handler: () => 1 };\n`,
  'lib/shared.mjs': `export const shared = (text) => text;\n`,
  'prompts/ask.mjs': `export default { handler: () => 'hi' };\n`,
  'resources/readme.mjs': `export default { uri: 'file:///readme', read: () => 'hi' };\n`,
  'connectors/db.mjs': `export default { open: () => 1 };\n`,
  'mcpgen.config.json': JSON.stringify(CONFIG),
  'package-lock.json': '{"lockfileVersion":3}',
  'node_modules/pad/package.json': '{"name":"pad","version":"1.0.0","type":"module","main":"index.js"}',
  'node_modules/pad/index.js': "export default 'pad';\n",
};

interface Step {
  readonly name: string;
  readonly action: string;
  readonly reason: string;
}

let rig: CliRig;

beforeAll(async () => {
  rig = await cliRig(FILES, { modules: 'own' });
  const modules = join(rig.directory, 'node_modules/@mcpgen');
  mkdirSync(modules, { recursive: true });
  symlinkSync(join(REPOSITORY, 'packages/server'), join(modules, 'server'));
  await built(rig, ['build']);
});
afterAll(() => rig[Symbol.asyncDispose]());

async function explain(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const ran = await rig.run(['explain', '--json', ...args], { env });
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return (ran.json().steps as readonly Step[]).filter(({ action }) => action !== 'fresh');
}

function path(file: string): string {
  return join(rig.directory, file);
}

/** Makes a change, says what a build would do about it, and takes it back. */
async function explained(change: () => void | Promise<void>, args?: readonly string[], env?: Record<string, string>) {
  await change();
  const steps = await explain(args, env);
  await rig.write(FILES);
  return steps.map(({ name, action, reason }) => `${name} | ${action} | ${reason}`);
}

const edit = (file: string, from: string, to: string) => () =>
  rig.write({ [file]: FILES[file]?.replace(from, to) ?? '' });
const configure = (change: object) => () =>
  rig.write({ 'mcpgen.config.json': JSON.stringify({ ...CONFIG, ...change }) });

describe('mcpgen explain', () => {
  it('says that nothing would be done', async () => {
    expect(await explained(() => undefined)).toEqual([]);
  });

  it.each<[string, () => void | Promise<void>, string]>([
    [
      'a tool that was edited',
      edit('tools/other.mjs', 'Other', 'Another'),
      'bundle:tools/other | run | tools/other.mjs changed',
    ],
    [
      'code that tools share',
      edit('lib/shared.mjs', 'text;', 'text + 1;'),
      'bundle:tools/echo | run | lib/shared.mjs changed',
    ],
    ['a prompt', edit('prompts/ask.mjs', 'hi', 'ho'), 'bundle:prompts/ask | run | prompts/ask.mjs changed'],
    [
      'a resource',
      edit('resources/readme.mjs', 'hi', 'ho'),
      'bundle:resources/readme | run | resources/readme.mjs changed',
    ],
    ['a connector', edit('connectors/db.mjs', '1', '2'), 'bundle:connectors/db | run | connectors/db.mjs changed'],
    [
      'a tool that was added',
      () => rig.write({ 'tools/new.mjs': FILES['tools/other.mjs'] ?? '' }),
      'bundle:tools/new | run | first build',
    ],
    [
      'another version of a package',
      () =>
        rig.write({
          'node_modules/pad/package.json': FILES['node_modules/pad/package.json']?.replace('1.0.0', '1.0.1') ?? '',
        }),
      'deps | run | package pad changed from 1.0.0 to 1.0.1',
    ],
    [
      'an option of the server',
      configure({ title: 'Two' }),
      'render | run | option "info" changed from {"name":"demo","version":"1.2.3","title":"One"} to {"name":"demo","version":"1.2.3","title":"Two"}',
    ],
    [
      'an option of the image',
      configure({ image: { port: 3001 } }),
      'image | run | environment value PORT changed, option "exposedPorts" changed from ["3000/tcp"] to ["3001/tcp"]',
    ],
    [
      'an option of the build',
      configure({ build: { ...CONFIG.build, minify: true } }),
      'bundle:tools/other | run | option "minify" changed from false to true',
    ],
    [
      'an option of how the server behaves',
      configure({ server: { pageSize: 5 } }),
      'render | run | option "server.pageSize" added',
    ],
    [
      'the base image',
      configure({ image: { base: `example.com/base@sha256:${'0'.repeat(64)}` } }),
      'layer:base | run | option "base" added',
    ],
    [
      'an output that was deleted',
      () => rmSync(join(workOf(rig), 'server/validators/other.js')),
      'validator:tool/other | restore | its output validators/other.js is gone',
    ],
    [
      'an output that was edited',
      () => writeFileSync(join(workOf(rig), 'server/modules/tools/other.js'), '1'),
      'bundle:tools/other | restore | its output modules/tools/other.js was changed',
    ],
  ])('names %s', async (_, change, expected) => {
    const steps = await explained(change);
    rmSync(path('tools/new.mjs'), { force: true });
    expect(steps.join('\n')).toContain(expected.split(' | ').slice(0, 2).join(' | '));
    expect(steps.find((step) => step.startsWith(`${expected.split(' | ')[0]} |`))).toContain(expected);
    await built(rig, ['build']);
  });

  it('names what became of a tool that was renamed or removed', async () => {
    renameSync(path('tools/other.mjs'), path('tools/renamed.mjs'));
    const steps = await explained(() => undefined);
    rmSync(path('tools/renamed.mjs'));
    expect(steps).toContain('bundle:tools/renamed | run | first build');
    rmSync(path('tools/other.mjs'));
    const gone = (await explain()).map(({ name, reason }) => `${name} | ${reason}`);
    await rig.write(FILES);
    expect(gone.find((step) => step.startsWith('render'))).toContain('need of describe:tool/other removed');
  });

  it('names environment values, and a profile that was never built', async () => {
    expect(await explained(() => undefined, [], { REGION: 'eu' })).toContain(
      'describe:tool/other | run | environment value REGION set',
    );
    const steps = await explained(() => undefined, ['--profile', 'optimized']);
    expect(steps).toContain('bundle:tools/other | run | first build');
  });

  it('finds a lockfile to matter only where another package comes of it', async () => {
    expect(await explained(() => rig.write({ 'package-lock.json': '{"lockfileVersion":3,"packages":{}}' }))).toEqual(
      [],
    );
  });

  it('says that all is fresh where the cache was cleared, and that it runs where the outputs went as well', async () => {
    await built(rig, ['cache', 'clear']);
    expect(await explained(() => undefined)).toEqual([]);
    rmSync(join(workOf(rig), 'server/modules/tools/other.js'));
    const steps = await explained(() => undefined);
    expect(steps).toContain('bundle:tools/other | run | its output modules/tools/other.js is gone');
    expect(existsSync(path('dist/server/main.js'))).toBe(true);
    expect(readFileSync(path('dist/server/main.js'), 'utf8')).not.toBe('');
  });
});
