import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { createPackageFinder } from './installed-package.ts';
import { nativeReason, placeDependence } from './unbundlable.ts';

describe('nativeReason', () => {
  it.each([
    ['a part per platform', { optionalDependencies: { '@x/y-linux-x64-gnu': '1' } }, {}, /part per platform/],
    [
      'a part per platform, by sharp’s names',
      { optionalDependencies: { '@img/sharp-linuxmusl-arm64': '1' } },
      {},
      /part/,
    ],
    ['a loader of addons', { dependencies: { 'node-gyp-build': '4' } }, {}, /node-gyp-build/],
    ['a build script', {}, { 'binding.gyp': '' }, /binding\.gyp/],
    ['prebuilt addons', {}, { 'prebuilds/linux-x64/a.node': '' }, /prebuilds/],
    ['an addon', {}, { 'a.linux-x64-gnu.node': '' }, /a\.linux-x64-gnu\.node/],
    ['napi settings', { napi: { name: 'a' } }, {}, /native addon/],
  ])('sees %s', async (_, manifest, files, reason) => {
    expect(await reasonFor(manifest, files)).toMatch(reason);
  });

  it.each([
    ['plain code', { dependencies: { ms: '2' }, optionalDependencies: { 'os-name': '1', 'linux-distro-info': '1' } }],
    ['names that only look alike', { optionalDependencies: { 'app-windows': '1', darwin: '1' } }],
  ])('finds nothing against %s', async (_, manifest) => {
    expect(await reasonFor(manifest, {})).toBeUndefined();
  });
});

async function reasonFor(manifest: object, files: Readonly<Record<string, string>>): Promise<string | undefined> {
  await using directory = await temporaryDirectory();
  const name = { name: 'p', version: '1.0.0' };
  await writeTree(directory.path, {
    'package.json': JSON.stringify({ ...name, ...manifest }),
    'index.js': '',
    ...files,
  });
  const found = createPackageFinder().owner(`${directory.path}/index.js`);
  return found === undefined ? 'not found' : nativeReason(found);
}

describe('placeDependence', () => {
  it.each([
    ["join(__dirname, 'worker.js')", 'uses __dirname'],
    ['createRequire(import.meta.url)', 'uses import.meta.url'],
    ["new URL('./a.txt', import.meta.url)", 'uses import.meta.url'],
    ["require.resolve('./worker')", 'uses require.resolve()'],
    ["fetch('x.wasm')", 'names a WebAssembly file'],
    ['/* __dirname */ // nothing\nreadFileSync(__filename)', 'uses __dirname'],
  ])('sees that %s depends on its place', (code, reason) => {
    expect(placeDependence(code)).toBe(reason);
  });

  it.each([
    "const file = typeof __filename !== 'undefined' ? __filename : undefined;",
    'var d=typeof __dirname<"u"?__dirname:"";',
    '// uses __dirname\n/* import.meta.url */',
    "require.resolve('other')",
    'const my__dirnames = 1;',
  ])('finds nothing against %s', (code) => {
    expect(placeDependence(code)).toBeUndefined();
  });
});
