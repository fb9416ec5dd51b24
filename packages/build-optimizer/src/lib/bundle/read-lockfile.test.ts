import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { readLockfile } from './read-lockfile.ts';

const FORMS = {
  'package-lock.json': JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { name: 'project' },
      'node_modules/zod': { version: '4.1.0' },
      'node_modules/@scope/one': { version: '1.0.0' },
      'node_modules/a/node_modules/zod': { version: '3.9.0' },
    },
  }),
  'pnpm-lock.yaml': `lockfileVersion: '9.0'

packages:

  '@scope/one@1.0.0':
    resolution: {integrity: sha512-x}

  zod@4.1.0:
    resolution: {integrity: sha512-x}
`,
  'yarn.lock': `# yarn lockfile v1

"@scope/one@^1.0.0":
  version "1.0.0"

zod@^4.0.0, zod@^4.1.0:
  version "4.1.0"
  resolved "x"
`,
  'bun.lock': `{ "packages": { "@scope/one": ["@scope/one@1.0.0", ""], "zod": ["zod@4.1.0", ""] } }`,
} as const;

const lookup = (name: string, version: string) => ({ folder: '.', name, version, directory: `node_modules/${name}` });

describe('readLockfile', () => {
  it.each(Object.entries(FORMS))('knows which packages %s installs', async (name, text) => {
    await using directory = await temporaryDirectory();
    writeFileSync(join(directory.path, name), text);
    const lockfile = readLockfile(directory.path);
    expect(lockfile?.file).toBe(join(directory.path, name));
    expect(lockfile?.lists(lookup('zod', '4.1.0'))).toBe(true);
    expect(lockfile?.lists(lookup('@scope/one', '1.0.0'))).toBe(true);
    expect(lockfile?.lists(lookup('zod', '4.1.1'))).toBe(false);
    expect(lockfile?.lists(lookup('zo', '4.1.0'))).toBe(false);
    expect(lockfile?.lists(lookup('other', '4.1.0'))).toBe(false);
    expect(lockfile?.lists({ folder: '.', name: 'never-installed' })).toBe(true);
  });

  it("knows Yarn's later form", async () => {
    await using directory = await temporaryDirectory();
    const text =
      '__metadata:\n  version: 8\n\n"zod@npm:^4.0.0, zod@npm:^4.1.0":\n  version: 4.1.0\n  resolution: "zod@npm:4.1.0"\n';
    writeFileSync(join(directory.path, 'yarn.lock'), text);
    expect(readLockfile(directory.path)?.lists(lookup('zod', '4.1.0'))).toBe(true);
    expect(readLockfile(directory.path)?.lists(lookup('zod', '4.1'))).toBe(false);
  });

  it('tells copies of one package apart by where they lie, in a workspace above too', async () => {
    await using directory = await temporaryDirectory();
    const member = join(directory.path, 'packages/a');
    mkdirSync(member, { recursive: true });
    writeFileSync(join(directory.path, 'package-lock.json'), FORMS['package-lock.json']);
    const found = { folder: '.', name: 'zod', version: '3.9.0', directory: '../../node_modules/a/node_modules/zod' };
    expect(readLockfile(member)?.lists(found)).toBe(true);
    expect(readLockfile(member)?.lists({ ...found, directory: '../../node_modules/zod' })).toBe(false);
  });

  it.each([
    ['pnpm-lock.yaml', `${FORMS['pnpm-lock.yaml']}\n  zod@3.9.0:\n    resolution: {integrity: sha512-y}\n`],
    ['yarn.lock', `${FORMS['yarn.lock']}\nzod@^3.0.0:\n  version "3.9.0"\n`],
    ['bun.lock', FORMS['bun.lock'].replace(' } }', ', "a/zod": ["zod@3.9.0", ""] } }')],
  ])('does not guess which of two versions in %s lies where', async (name, text) => {
    await using directory = await temporaryDirectory();
    writeFileSync(join(directory.path, name), text);
    const lockfile = readLockfile(directory.path);
    expect(lockfile?.lists(lookup('zod', '4.1.0'))).toBe(false);
    expect(lockfile?.lists(lookup('zod', '3.9.0'))).toBe(false);
    expect(lockfile?.lists(lookup('@scope/one', '1.0.0'))).toBe(true);
  });

  it('knows the same version with other peers for one', async () => {
    await using directory = await temporaryDirectory();
    const text =
      'packages:\n\n  zod@4.1.0:\n    x\n\nsnapshots:\n\n  zod@4.1.0(a@1.0.0): {}\n\n  zod@4.1.0(a@2.0.0): {}\n';
    writeFileSync(join(directory.path, 'pnpm-lock.yaml'), text);
    expect(readLockfile(directory.path)?.lists(lookup('zod', '4.1.0'))).toBe(true);
  });

  it('is none where two package managers have one each', async () => {
    await using directory = await temporaryDirectory();
    for (const name of ['package-lock.json', 'pnpm-lock.yaml'] as const)
      writeFileSync(join(directory.path, name), FORMS[name]);
    expect(readLockfile(directory.path)).toBeUndefined();
  });

  it('is the one that npm goes by', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'npm-shrinkwrap.json');
    writeFileSync(file, FORMS['package-lock.json']);
    writeFileSync(join(directory.path, 'package-lock.json'), '{"packages":{}}');
    expect(readLockfile(directory.path)?.file).toBe(file);
  });

  it('is another one when its content is', async () => {
    await using directory = await temporaryDirectory();
    const write = (text: string) => writeFileSync(join(directory.path, 'bun.lock'), text);
    write('{}');
    const before = readLockfile(directory.path)?.digest;
    write('{ }');
    expect(readLockfile(directory.path)?.digest).not.toBe(before);
  });

  it('is none where it cannot be read', async () => {
    await using directory = await temporaryDirectory();
    writeFileSync(join(directory.path, 'package-lock.json'), '{');
    expect(readLockfile(directory.path)).toBeUndefined();
  });
});
