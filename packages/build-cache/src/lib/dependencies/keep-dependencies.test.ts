import { chmodSync, existsSync, lstatSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../digest.ts';
import { type LocalCache, openLocalCache } from '../local-cache.ts';
import { restoreDependencies, saveDependencies } from './keep-dependencies.ts';

const KEY = digestOf('lockfile');

const WORKSPACE = { 'package.json': '{"workspaces":["packages/*"]}', 'packages/x/package.json': '{}' };

const TREE = {
  ...WORKSPACE,
  'node_modules/a/index.js': 'a',
  'node_modules/.pnpm/b@1/node_modules/b/b.js': 'b',
  'node_modules/.cache/tool/state': 'of a tool',
  'packages/x/index.js': 'x',
  'packages/x/node_modules/c/c.js': 'c',
};

async function lab(): Promise<{ temporary: TemporaryDirectory; cache: LocalCache; made: string; other: string }> {
  const temporary = await temporaryDirectory();
  const [made, other] = [join(temporary.path, 'made'), join(temporary.path, 'other')];
  await writeTree(made, TREE);
  await writeTree(other, { ...WORKSPACE, 'packages/x/index.js': 'x' });
  symlinkSync('.pnpm/b@1/node_modules/b', join(made, 'node_modules/b'));
  symlinkSync('../packages/x', join(made, 'node_modules/x'));
  return { temporary, made, other, cache: openLocalCache({ directory: join(temporary.path, 'store'), now: Date.now }) };
}

describe('saveDependencies and restoreDependencies', () => {
  it('bring back the packages of a project and of its workspace, with their links', async () => {
    const { temporary, cache, made, other } = await lab();
    await using _ = temporary;
    expect(await saveDependencies(cache, { directory: made, key: KEY })).toEqual({ files: 3, links: 2, size: 3 });
    expect(await restoreDependencies(cache, { directory: other, key: KEY })).toEqual({ files: 3, links: 2, size: 3 });
    expect(readFileSync(join(other, 'node_modules/b/b.js'), 'utf8')).toBe('b');
    expect(readFileSync(join(other, 'node_modules/x/node_modules/c/c.js'), 'utf8')).toBe('c');
    expect(readlinkSync(join(other, 'node_modules/x'))).toBe('../packages/x');
    expect(existsSync(join(other, 'node_modules/.cache'))).toBe(false);
  });

  it('leave nothing of what was installed before', async () => {
    const { temporary, cache, made, other } = await lab();
    await using _ = temporary;
    await saveDependencies(cache, { directory: made, key: KEY });
    await writeTree(other, { 'node_modules/old/index.js': 'old', 'node_modules/a/index.js': 'edited' });
    await restoreDependencies(cache, { directory: other, key: KEY });
    expect(existsSync(join(other, 'node_modules/old'))).toBe(false);
    expect(readFileSync(join(other, 'node_modules/a/index.js'), 'utf8')).toBe('a');
  });

  it('leave what is installed where there is nothing to restore, or it is damaged', async () => {
    const { temporary, cache, made, other } = await lab();
    await using _ = temporary;
    await writeTree(made, { 'node_modules/a/index.js': 'a'.repeat(9000) });
    await writeTree(other, { 'node_modules/old/index.js': 'old' });
    const restore = () => restoreDependencies(cache, { directory: other, key: KEY });
    expect(await restore()).toBeUndefined();
    await saveDependencies(cache, { directory: made, key: KEY });
    const file = (await cache.lookup(KEY))?.entry.files.find(({ size }) => size === 9000);
    const hex = file?.digest.slice('sha256:'.length) ?? '';
    const body = join(temporary.path, 'store/v1/cas', hex.slice(0, 2), hex);
    chmodSync(body, 0o644);
    writeFileSync(body, 'b'.repeat(9000));
    expect(await restore()).toBeUndefined();
    expect(readFileSync(join(other, 'node_modules/old/index.js'), 'utf8')).toBe('old');
    expect(existsSync(join(other, 'node_modules/a'))).toBe(false);
  });

  it('leave alone what no package manager installed here', async () => {
    const { temporary, cache, made, other } = await lab();
    await using _ = temporary;
    const [fixture, own] = ['test/fixture/node_modules/f/f.js', 'dist/node_modules/d/d.js'] as const;
    await writeTree(made, { [fixture]: 'old', 'test/fixture/package.json': '{}' });
    await writeTree(other, { [fixture]: 'new', 'test/fixture/package.json': '{}', [own]: 'built' });
    expect(await saveDependencies(cache, { directory: made, key: KEY })).toMatchObject({ files: 3 });
    expect(await restoreDependencies(cache, { directory: other, key: KEY })).toMatchObject({ files: 3 });
    expect(readFileSync(join(other, fixture), 'utf8')).toBe('new');
    expect(readFileSync(join(other, own), 'utf8')).toBe('built');
  });

  it('keep nothing where nothing is installed', async () => {
    const { temporary, cache, made, other } = await lab();
    await using _ = temporary;
    expect(await saveDependencies(cache, { directory: other, key: KEY })).toBeUndefined();
    expect(await saveDependencies(cache, { directory: made, key: KEY })).toMatchObject({ files: 3 });
    expect(await restoreDependencies(cache, { directory: other, key: KEY })).toMatchObject({ files: 3 });
  });

  it.each([
    ['out of the project', 'node_modules/evil', '../../evil'],
    ['to an absolute place', 'node_modules/evil', '/etc/passwd'],
    ['out by the back door of another link', 'node_modules/evil', 'x/../../..'],
    ['up only', 'node_modules/@scope/evil', '../../..'],
    ['from outside', 'evil', 'packages'],
    ['from where nothing is installed', 'test/node_modules/evil', '../../packages'],
    ['from where a file lies below', 'node_modules/a', '../packages/x'],
  ])('refuse a link that leads %s', async (_how, path, target) => {
    const { temporary, cache, made, other } = await lab();
    await using _ = temporary;
    const paths = ['node_modules/a/index.js'];
    await cache.store({
      key: KEY,
      step: 'node_modules',
      directory: made,
      paths,
      value: { links: [[path, target]] },
      duration: 1,
    });
    expect(await restoreDependencies(cache, { directory: other, key: KEY })).toBeUndefined();
    expect(lstatSync(join(other, 'node_modules'), { throwIfNoEntry: false })).toBeUndefined();
  });
});
