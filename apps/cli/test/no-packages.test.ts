import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig } from './cli-rig.ts';

/** A build where only the lockfile is: a cache has what was made from the packages where they were installed. */

const TOOL = `import { defineTool } from '@mcpgen/server';
import { shout } from 'loud';

export default defineTool({
  description: 'Says it louder',
  input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  handler: ({ text }) => shout(text),
});
`;

function lockfile(version: string): string {
  const packages = { '': { name: 'demo' }, 'node_modules/loud': { version } };
  return JSON.stringify({ name: 'demo', lockfileVersion: 3, requires: true, packages });
}

/** Installs the one package by hand; a lockfile may say otherwise. */
function install(rig: CliRig, version: string): void {
  for (const [path, text] of Object.entries({
    'node_modules/loud/package.json': JSON.stringify({ name: 'loud', version, type: 'module', exports: './index.js' }),
    'node_modules/loud/index.js': `export const shout = (text) => text.toUpperCase() + '${version}';\nexport const more = 1;\n`,
  })) {
    mkdirSync(dirname(join(rig.directory, path)), { recursive: true });
    writeFileSync(join(rig.directory, path), text);
  }
}

const project = (cache: string, version = '1.0.0') => ({
  'tools/say.ts': TOOL,
  'package-lock.json': lockfile(version),
  'mcpgen.config.json': JSON.stringify({ cache: { directory: cache } }),
});

async function build(rig: CliRig) {
  const ran = await rig.run(['build', '--json', '--no-image', '--no-typecheck']);
  return { ...ran, envelope: ran.json() };
}

function outcomes(envelope: Readonly<Record<string, unknown>>): readonly string[] {
  const steps = envelope.steps as readonly { readonly name: string; readonly outcome: string }[];
  return steps.map(({ name, outcome }) => `${name} ${outcome}`);
}

describe('a project whose packages are not installed', () => {
  it('is built from a cache that was filled where they were, to the same server', async () => {
    await using cache = await temporaryDirectory();
    await using one = await cliRig(project(cache.path), { modules: 'own' });
    install(one, '1.0.0');
    expect((await build(one)).code).toBe(0);
    await using other = await cliRig(project(cache.path), { modules: 'own' });
    const { code, envelope, stderr } = await build(other);
    expect(code, stderr).toBe(0);
    expect(outcomes(envelope).filter((step) => !step.endsWith('restored'))).toEqual([]);
    expect(other.read('dist/server/deps/loud.js')).toBe(one.read('dist/server/deps/loud.js'));
    expect(other.read('dist/server/manifest.json')).toBe(one.read('dist/server/manifest.json'));
  });

  it('bundles and describes what changed with the packages of the cache', async () => {
    await using cache = await temporaryDirectory();
    await using one = await cliRig(project(cache.path), { modules: 'own' });
    install(one, '1.0.0');
    await build(one);
    await using other = await cliRig(project(cache.path), { modules: 'own' });
    await other.write({ 'tools/say.ts': one.read('tools/say.ts').replace('Says it louder', 'Shouts') });
    const { code, envelope } = await build(other);
    expect(code).toBe(0);
    expect(outcomes(envelope)).toEqual(expect.arrayContaining(['deps restored', 'describe:tool/say ran']));
    expect(other.read('dist/server/lists/tools.json')).toContain('Shouts');
  });

  it.each([
    ['another lockfile', { 'package-lock.json': lockfile('1.0.1') }],
    ['no lockfile', { 'package-lock.json': '' }],
  ])('is refused with %s', async (_, files) => {
    await using cache = await temporaryDirectory();
    await using one = await cliRig(project(cache.path), { modules: 'own' });
    install(one, '1.0.0');
    await build(one);
    await using other = await cliRig({ ...project(cache.path), ...files }, { modules: 'own' });
    const { code, envelope } = await build(other);
    expect(code).toBe(1);
    expect(envelope).toMatchObject({ code: 'PACKAGE_NOT_FOUND', message: expect.stringContaining('"loud"') });
  });

  it('is refused where the cache has not all that it needs of them', async () => {
    await using cache = await temporaryDirectory();
    await using one = await cliRig(project(cache.path), { modules: 'own' });
    install(one, '1.0.0');
    await build(one);
    await one.run(['cache', 'clear']);
    await using other = await cliRig(project(cache.path), { modules: 'own' });
    expect((await build(other)).envelope).toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
  });

  it('learns nothing from an installation that the lockfile does not describe', async () => {
    await using cache = await temporaryDirectory();
    await using one = await cliRig(project(cache.path, '2.0.0'), { modules: 'own' });
    install(one, '1.0.0');
    expect((await build(one)).code).toBe(0);
    await using other = await cliRig(project(cache.path, '2.0.0'), { modules: 'own' });
    expect((await build(other)).envelope).toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
  });

  it('is built by what is installed as soon as that is', async () => {
    await using cache = await temporaryDirectory();
    await using one = await cliRig(project(cache.path), { modules: 'own' });
    install(one, '1.0.0');
    await build(one);
    await using other = await cliRig(project(cache.path), { modules: 'own' });
    await build(other);
    install(other, '3.0.0');
    expect((await build(other)).code).toBe(0);
    expect(other.read('dist/server/deps/loud.js')).toContain('3.0.0');
  });
});
