import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO, REPOSITORY } from './cli-rig.ts';

async function build(rig: CliRig, ...args: readonly string[]): Promise<void> {
  const ran = await rig.run(['build', '--json', ...(args.length === 0 ? ['--no-image'] : args)]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
}

/** A project whose `node_modules` is its own, with links to what the repository has. */
async function projectWithPackages(files: Readonly<Record<string, string>>): Promise<CliRig> {
  const rig = await cliRig(files, { modules: 'own' });
  const modules = join(rig.directory, 'node_modules');
  mkdirSync(join(modules, '@mcpgen'), { recursive: true });
  symlinkSync(join(REPOSITORY, 'apps/cli/node_modules/zod'), join(modules, 'zod'));
  symlinkSync(join(REPOSITORY, 'packages/server'), join(modules, '@mcpgen/server'));
  return rig;
}

const TOOL = `import { defineTool } from '@mcpgen/server';
import { input, answer } from '@acme/shared';

export default defineTool({ input, handler: () => answer });
`;

const shared = (field: string, answer: string): string =>
  `import { z } from 'zod';\nexport const input = z.object({ ${field}: z.string() });\nexport const answer = '${answer}';\n`;

describe('what a build must notice', () => {
  it('a tool file that moved, though it is described as before', async () => {
    await using rig = await cliRig({ 'tools/sub_a.ts': ECHO });
    await build(rig);
    mkdirSync(join(rig.directory, 'tools/sub'));
    renameSync(join(rig.directory, 'tools/sub_a.ts'), join(rig.directory, 'tools/sub/a.ts'));
    await build(rig);
    const { module } = JSON.parse(rig.read('dist/server/manifest.json')).tools.sub_a;
    expect(existsSync(join(rig.directory, 'dist/server', module))).toBe(true);
  });

  it('an edit in a linked package, in the code and in the schema that it gives', async () => {
    await using rig = await projectWithPackages({
      'tools/a.ts': TOOL,
      'shared/package.json': '{"name":"@acme/shared","version":"1.0.0","type":"module","exports":"./index.js"}',
      'shared/index.js': shared('before', 'one'),
    });
    mkdirSync(join(rig.directory, 'node_modules/@acme'));
    symlinkSync(join(rig.directory, 'shared'), join(rig.directory, 'node_modules/@acme/shared'));
    await build(rig);
    await build(rig);
    await rig.write({ 'shared/index.js': shared('after', 'two') });
    await build(rig);
    expect(rig.read('dist/server/lists/tools.json')).toContain('"after"');
    expect(allText(rig, 'dist/server/deps')).toContain('two');
  });

  it('another version of a package that stays as it is', async () => {
    await using rig = await projectWithPackages({
      'tools/a.ts': `import { defineTool } from '@mcpgen/server';\nimport native from 'nat';\nexport default defineTool({ description: native, handler: () => native });\n`,
      'node_modules/nat/package.json': '{"name":"nat","version":"1.0.0","gypfile":true,"main":"index.js"}',
      'node_modules/nat/index.js': "module.exports = 'first';\n",
      'node_modules/nat/binding.gyp': '{}',
      'node_modules/nat/bin/helper': '#!/bin/sh\n',
    });
    await build(rig);
    await rig.write({
      'node_modules/nat/package.json': '{"name":"nat","version":"2.0.0","gypfile":true,"main":"index.js"}',
      'node_modules/nat/index.js': "module.exports = 'second';\n",
    });
    await build(rig);
    expect(rig.read('dist/server/lists/tools.json')).toContain('second');
    expect(rig.read('dist/server/node_modules/nat/index.js')).toContain('second');
  });

  it('a type that is wrong in a declaration which only the compiler reads', async () => {
    await using rig = await cliRig({
      'tools/echo.ts': ECHO.replace('=> text', '=> shout(text)'),
      'types/globals.d.ts': 'declare function shout(text: string): string;\n',
      'tsconfig.json':
        '{"compilerOptions":{"strict":true,"module":"nodenext","target":"es2024","skipLibCheck":true,"types":[],"noEmit":true,"customConditions":["@mcpgen/source"],"allowImportingTsExtensions":true},"include":["tools","types"]}',
    });
    expect((await rig.run(['build', '--no-image'])).code).toBe(0);
    await rig.write({ 'types/globals.d.ts': 'declare function shout(text: number): string;\n' });
    const ran = await rig.run(['build', '--no-image', '--json']);
    expect([ran.code, ran.json().code]).toEqual([1, 'TYPE_CHECK_FAILED']);
  });

  it('that the types are to be checked, where there was no compiler to do so', async () => {
    const files = { 'tools/a.mjs': 'export default { handler: () => 1 };\n', 'tsconfig.json': '{}' };
    await using rig = await cliRig(files, { modules: 'own' });
    expect((await rig.run(['build', '--no-image'])).code).toBe(0);
    const ran = await rig.run(['build', '--no-image', '--typecheck', '--json']);
    expect([ran.code, ran.json().code]).toEqual([3, 'COMPILER_MISSING']);
  });

  it('that what it warned of was mended', async () => {
    await using rig = await cliRig({
      'tools/a.mjs': 'export default { handler: ({ name }) => import(name) };\n',
      'tools/b.mjs': 'export default { handler: () => 1 };\n',
    });
    const warned = async () =>
      (await rig.run(['build', '--no-image', '--no-typecheck'])).stderr.includes('computed import');
    expect(await warned()).toBe(true);
    await rig.write({ 'tools/b.mjs': 'export default { handler: () => 2 };\n' });
    expect(await warned()).toBe(true);
    await rig.write({ 'tools/a.mjs': 'export default { handler: () => 1 };\n' });
    expect(await warned()).toBe(false);
  });

  it('two tools whose names differ by ".output"', async () => {
    const output = ECHO.replace('input: z', 'output: z.object({ a: z.string() }),\n  input: z').replace(
      '=> text',
      '=> ({ a: text })',
    );
    await using rig = await cliRig({ 'tools/foo.ts': output, 'tools/foo.output.ts': ECHO });
    await build(rig);
    const { tools } = JSON.parse(rig.read('dist/server/manifest.json'));
    expect(new Set([tools.foo.validator, tools.foo.outputValidator, tools['foo.output'].validator]).size).toBe(3);
  });

  it('that a program of a package may be run, in the image as well', async () => {
    await using rig = await projectWithPackages({
      'tools/a.ts': `import { defineTool } from '@mcpgen/server';\nimport native from 'nat';\nexport default defineTool({ handler: () => native });\n`,
      'node_modules/nat/package.json': '{"name":"nat","version":"1.0.0","gypfile":true,"main":"index.js"}',
      'node_modules/nat/index.js': "module.exports = require('node:path').join(__dirname, 'bin/helper');\n",
      'node_modules/nat/binding.gyp': '{}',
      'node_modules/nat/bin/helper': '#!/bin/sh\n',
    });
    chmodSync(join(rig.directory, 'node_modules/nat/bin/helper'), 0o755);
    await build(rig, '--profile', 'fast');
    const blobs = join(rig.directory, 'dist/image/blobs/sha256');
    const listings = readdirSync(blobs).map((name) => listing(join(blobs, name)));
    expect(listings.join('')).toMatch(/-rwxr-xr-x.*app\/node_modules\/nat\/bin\/helper/);
  });
});

function allText(rig: CliRig, folder: string): string {
  const names = readdirSync(join(rig.directory, folder), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.js'))
    .map((name) => rig.read(join(folder, name)))
    .join('\n');
}

/** What tar says of a layer; nothing for blobs that are no tar. */
function listing(file: string): string {
  try {
    return execFileSync('tar', ['-tvf', file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
