import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type CliRig, cliRig, REPOSITORY } from './cli-rig.ts';

const tool = (name: string, more = '', handler = `() => '${name}'`): string =>
  `${more}export default { description: '${name}', input: { type: 'object' as const, properties: { a: {} } }, handler: ${handler} };\n`;

/** Two tools share a helper, a third reads JSON, a fourth a package; a fifth stands alone. */
const FILES: Readonly<Record<string, string>> = {
  'tools/a.ts': tool('a', "import { helper } from '../lib/helper.ts';\n", '() => helper()'),
  'tools/b.ts': tool('b', "import { helper } from '../lib/helper.ts';\n", '() => helper()'),
  'tools/json.ts': tool('json', "import data from '../lib/data.json' with { type: 'json' };\n", '() => data.value'),
  'tools/packed.ts': tool('packed', "import pad from 'pad';\n", '() => pad'),
  'tools/alone.ts': tool('alone'),
  'prompts/ask.ts': "import { helper } from '../lib/helper.ts';\nexport default { handler: () => helper() };\n",
  'resources/readme.ts': "export default { uri: 'file:///readme', read: () => 'hi' };\n",
  'connectors/db.ts': 'export default { open: () => 1 };\n',
  'lib/helper.ts': "export interface Unused { readonly a: string }\nexport const helper = (): string => 'help';\n",
  'lib/data.json': '{"value":1}',
  'tsconfig.json': '{"compilerOptions":{"target":"es2022","strict":true}}',
  'node_modules/pad/package.json': '{"name":"pad","version":"1.0.0","type":"module","main":"index.js"}',
  'node_modules/pad/index.js': "export default 'pad';\n",
};

let rig: CliRig;

/** Names of the steps that ran; the server's own parts. */
async function build(): Promise<readonly string[]> {
  const ran = await rig.run(['build', '--no-image', '--no-typecheck', '--profile', 'optimized', '--json']);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  const steps = ran.json().steps as readonly { readonly name: string; readonly outcome: string }[];
  return steps
    .filter(({ outcome }) => outcome === 'ran')
    .map(({ name }) => name)
    .sort();
}

const edit = (file: string, from: string, to: string) => rig.write({ [file]: FILES[file]?.replace(from, to) ?? '' });

beforeEach(async () => {
  rig = await cliRig(FILES, { modules: 'own' });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const modules = join(rig.directory, 'node_modules/@mcpgen');
  mkdirSync(modules, { recursive: true });
  symlinkSync(join(REPOSITORY, 'packages/server'), join(modules, 'server'));
  expect((await build()).length).toBeGreaterThan(15);
});

describe('what is done again', () => {
  it('after an edit of one tool, of what tools share, of JSON, and of what nobody sees', async () => {
    await edit('tools/alone.ts', "=> 'alone'", "=> 'lonely'");
    expect(await build()).toEqual(['bundle:tools/alone', 'describe:tool/alone']);

    await edit('tools/alone.ts', "description: 'alone'", "description: 'lonely'");
    expect(await build()).toEqual(['bundle:tools/alone', 'describe:tool/alone', 'render']);

    await edit('lib/helper.ts', "'help'", "'helped'");
    expect(await build()).toEqual(['bundle:lib/helper', 'describe:prompt/ask', 'describe:tool/a', 'describe:tool/b']);

    // A comment, and a type: the bundle comes out the same, and nothing that reads it is made again.
    await rig.write({ 'lib/helper.ts': `// Helps.\n${FILES['lib/helper.ts']?.replace("'help'", "'helped'")}` });
    expect(await build()).toEqual(['bundle:lib/helper']);
    await rig.write({
      'lib/helper.ts': FILES['lib/helper.ts']?.replace("'help'", "'helped'").replace('a: string', 'b: number') ?? '',
    });
    expect(await build()).toEqual(['bundle:lib/helper']);

    await rig.write({ 'lib/data.json': '{"value":2}' });
    expect(await build()).toEqual(['bundle:tools/json', 'describe:tool/json']);
  });

  it('after an edit of a resource, a prompt, a connector, the configuration', async () => {
    await edit('resources/readme.ts', "'hi'", "'ho'");
    expect(await build()).toEqual(['bundle:resources/readme', 'describe:resource/readme']);
    await edit('prompts/ask.ts', 'helper()', 'helper() + 1');
    expect(await build()).toEqual(['bundle:prompts/ask', 'describe:prompt/ask']);
    await edit('connectors/db.ts', '1', '2');
    expect(await build()).toEqual(['bundle:connectors/db', 'describe:connector/db']);
    await rig.write({ 'mcpgen.config.json': '{"title":"Titled"}' });
    expect(await build()).toEqual(['render']);
  });

  it('after another version of a package, and other options of the compiler', async () => {
    await rig.write({
      'node_modules/pad/package.json': FILES['node_modules/pad/package.json']?.replace('1.0.0', '1.0.1') ?? '',
    });
    expect(await build()).toEqual(['deps', 'describe:tool/packed']);
    // What only the check of types reads is nothing to the bundler; what it bundles by may give the same code.
    await edit('tsconfig.json', '"strict"', '"skipLibCheck":true,"strict"');
    expect(await build()).toEqual([]);
    await edit('tsconfig.json', '"strict":true', '"strict":false');
    expect(new Set((await build()).map((step) => step.split(':')[0]))).toEqual(new Set(['bundle']));
  });

  it('in a fresh checkout with a cache: nothing', async () => {
    rmSync(join(rig.directory, 'dist'), { recursive: true });
    rmSync(join(rig.directory, '.cache/mcpgen/work'), { recursive: true });
    rmSync(join(rig.directory, '.cache/mcpgen/stat.json'), { force: true });
    expect(await build()).toEqual([]);
  });
});
