import { join } from 'node:path';
import { type BuildCache, digestOf, type NewEntry, outputDigest } from '@mcpgen/build-cache';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { expect, it, onTestFinished } from 'vitest';
import { readTree } from './project.ts';

/** What every tier that keeps entries must do. */
export function buildCacheContract(open: (directory: string) => BuildCache): void {
  const key = digestOf('key');

  async function fixture() {
    const directory = await temporaryDirectory('mcpgen-contract-');
    onTestFinished(() => directory.remove());
    const out = join(directory.path, 'out');
    await writeTree(out, { 'a.js': 'a', 'deep/b.js': 'b'.repeat(5000) });
    const entry: NewEntry = {
      key,
      step: 'render',
      directory: out,
      paths: ['deep/b.js', 'a.js'],
      value: { n: 1 },
      duration: 12,
      producer: { generator: '1.x', format: 3 },
    };
    return { directory, entry, back: join(directory.path, 'back'), cache: open(join(directory.path, 'store')) };
  }

  it('misses a key that nobody stored', async () => {
    const { cache } = await fixture();
    expect(await cache.lookup(key)).toBeUndefined();
  });

  it('describes what it stored: sorted files, value, output digest', async () => {
    const { cache, entry } = await fixture();
    const stored = await cache.store(entry);
    expect(stored).toMatchObject({ key, step: 'render', value: { n: 1 }, duration: 12 });
    expect(stored.files.map(({ path, size, mode }) => [path, size, mode])).toEqual([
      ['a.js', 1, 0o644],
      ['deep/b.js', 5000, 0o644],
    ]);
    expect(stored.files[0]?.digest).toBe(digestOf('a'));
    expect(stored.output).toBe(outputDigest(stored.files, { n: 1 }));
  });

  it('hits after a store, and restores the same bytes', async () => {
    const { cache, entry, back } = await fixture();
    const stored = await cache.store(entry);
    const hit = await cache.lookup(key);
    expect(hit?.entry).toEqual(stored);
    expect(await readTree(back)).toEqual({});
    expect(await hit?.restore(back)).toBe(true);
    expect(await readTree(back)).toEqual({ 'a.js': 'a', 'deep/b.js': 'b'.repeat(5000) });
  });

  it('keeps the first of two entries of one key', async () => {
    const { cache, entry, directory } = await fixture();
    await cache.store(entry);
    await writeTree(join(directory.path, 'out'), { 'a.js': 'another' });
    const second = await cache.store(entry);
    expect(second.files[0]?.digest).toBe(digestOf('another'));
    expect((await cache.lookup(key))?.entry.files[0]?.digest).toBe(digestOf('a'));
  });

  it('refuses outputs that are missing, linked, outside or ambiguous', async () => {
    const { cache, entry } = await fixture();
    const codeOf = (paths: string[]) => cache.store({ ...entry, paths }).catch((error: { code: string }) => error.code);
    expect(await codeOf(['none.js'])).toBe('OUTPUT_UNREADABLE');
    expect(await codeOf(['deep'])).toBe('OUTPUT_NOT_A_FILE');
    expect(await codeOf(['../out/a.js'])).toBe('OUTPUT_PATH');
    expect(await codeOf(['a.js', 'A.js'])).toBe('OUTPUT_PATH');
  });

  it('refuses a value that JSON would change', async () => {
    const { cache, entry } = await fixture();
    await expect(cache.store({ ...entry, value: { at: new Date(0) } })).rejects.toMatchObject({
      code: 'VALUE_NOT_JSON',
    });
  });
}
