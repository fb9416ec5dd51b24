import { cp, mkdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, openFileClock, writeSealedFile } from '@mcpgen/build-cache';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStatCache, type StatCache } from './stat-cache.ts';

async function checkout(tree: Readonly<Record<string, string>> = { 'a.ts': 'a', 'deep/b.ts': 'b' }) {
  const directory = await temporaryDirectory('mcpgen-stat-');
  const root = join(directory.path, 'project');
  await writeTree(root, tree);
  return {
    root,
    path: (name: string) => join(root, name),
    open: (now: () => number = Date.now, at = root): StatCache =>
      openStatCache({ file: join(at, '.cache/stat'), root: at, now }),
    directory: directory.path,
    [Symbol.asyncDispose]: directory[Symbol.asyncDispose],
  };
}

/** Makes a file look as if it had been written long ago; its ctime stays young, as it does everywhere. */
async function settle(file: string): Promise<void> {
  await utimes(file, 1_000_000_000, 1_000_000_000);
}

/** Puts another text of the same length into an index, under a seal that fits. */
async function replaceInIndex(file: string, from: string, to: string): Promise<void> {
  const index = await readFile(file, 'latin1');
  writeSealedFile(file, [Buffer.from(index.slice(65).replace(from, to), 'latin1')]);
}

/** Waits until a write to the file system shows in its times. */
async function untilSettled(directory: string, file: string): Promise<void> {
  const { mtimeMs, ctimeMs, size, ino, mode } = await stat(file);
  const facts = { size, mtime: Math.round(mtimeMs * 1000), ctime: Math.round(ctimeMs * 1000), ino, mode };
  while (!openFileClock(join(directory, 'clock'), Date.now).isSettled(facts)) await new Promise(setImmediate);
}

describe('openStatCache', () => {
  it('gives the digest of what is there now', async () => {
    await using p = await checkout();
    const cache = p.open();
    expect(cache.digest(p.path('a.ts'))).toBe(digestOf('a'));
    await writeFile(p.path('a.ts'), 'x');
    expect(cache.digest(p.path('a.ts'))).toBe(digestOf('x'));
    expect(cache.digests([p.path('deep/b.ts')])).toEqual(new Map([[p.path('deep/b.ts'), digestOf('b')]]));
  });

  it('reads a file that did not change only once', async () => {
    await using p = await checkout();
    await untilSettled(p.directory, p.path('a.ts'));
    const first = p.open();
    first.digest(p.path('a.ts'));
    expect(first.indexed(p.path('a.ts'))?.settled).toBe(true);
    expect(first.save()).toBe(true);
    // Another content in the index: the digest that comes back was not read from the file.
    await replaceInIndex(p.path('.cache/stat'), digestOf('a'), digestOf('from the index'));
    expect(p.open().digest(p.path('a.ts'))).toBe(digestOf('from the index'));
  });

  it('keeps for a record what it said first of a file that changes meanwhile', async () => {
    await using p = await checkout();
    await untilSettled(p.directory, p.path('a.ts'));
    const cache = p.open();
    cache.digest(p.path('a.ts'));
    const first = cache.indexed(p.path('a.ts'));
    for (const content of ['x', 'y']) {
      await writeFile(p.path('a.ts'), content);
      expect(cache.digest(p.path('a.ts'))).toBe(digestOf(content));
      expect(cache.indexed(p.path('a.ts'))).toEqual(first);
    }
    cache.save();
    expect(p.open().digest(p.path('a.ts'))).toBe(digestOf('y'));
  });

  it('reads a file again whose last write is so young that another could look the same', async () => {
    await using p = await checkout();
    // A clock that stands before the write is one that cannot tell the two apart.
    const cache = p.open(() => 0);
    cache.digest(p.path('a.ts'));
    expect(cache.indexed(p.path('a.ts'))?.settled).toBe(false);
    cache.save();
    await replaceInIndex(p.path('.cache/stat'), digestOf('a'), digestOf('from the index'));
    expect(p.open().digest(p.path('a.ts'))).toBe(digestOf('a'));
  });

  it('sees an edit of the same size whose time was set back', async () => {
    await using p = await checkout();
    await settle(p.path('a.ts'));
    await untilSettled(p.directory, p.path('a.ts'));
    const first = p.open();
    first.digest(p.path('a.ts'));
    first.save();
    await writeFile(p.path('a.ts'), 'b');
    await settle(p.path('a.ts'));
    expect(p.open().digest(p.path('a.ts'))).toBe(digestOf('b'));
  });

  it('gives a touched file the digest it had', async () => {
    await using p = await checkout();
    const first = p.open();
    first.digest(p.path('a.ts'));
    first.save();
    await settle(p.path('a.ts'));
    expect(p.open().digest(p.path('a.ts'))).toBe(digestOf('a'));
  });

  it('keeps its index when the checkout moves, and is right when it is copied', async () => {
    await using p = await checkout();
    await untilSettled(p.directory, p.path('a.ts'));
    const first = p.open();
    first.digest(p.path('a.ts'));
    first.save();
    const moved = join(p.directory, 'moved');
    await rename(p.root, moved);
    const cache = p.open(Date.now, moved);
    expect(cache.digest(join(moved, 'a.ts'))).toBe(digestOf('a'));
    expect(cache.indexed(join(moved, 'a.ts'))).toEqual(first.indexed(p.path('a.ts')));
    const copied = join(p.directory, 'copied');
    await cp(moved, copied, { recursive: true, preserveTimestamps: true });
    await writeFile(join(copied, 'a.ts'), 'c');
    expect(p.open(Date.now, copied).digest(join(copied, 'a.ts'))).toBe(digestOf('c'));
  });

  it('follows a link to where it leads now', async () => {
    await using p = await checkout();
    await symlink(p.path('a.ts'), p.path('link.ts'));
    const first = p.open();
    expect(first.digest(p.path('link.ts'))).toBe(digestOf('a'));
    first.save();
    await rm(p.path('link.ts'));
    await symlink(p.path('deep/b.ts'), p.path('link.ts'));
    expect(p.open().digest(p.path('link.ts'))).toBe(digestOf('b'));
  });

  it('is right after the clock jumps either way', async () => {
    await using p = await checkout();
    for (const now of [() => 0, () => Date.now() + 1e9, () => Date.now() - 1e9, Date.now]) {
      const cache = p.open(now);
      const text = String(Math.random()).slice(0, 6);
      await writeFile(p.path('a.ts'), text);
      expect(cache.digest(p.path('a.ts'))).toBe(digestOf(text));
      cache.save();
    }
  });

  it('tells a missing file and a directory', async () => {
    await using p = await checkout();
    expect(() => p.open().digest(p.path('none.ts'))).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    expect(() => p.open().digest(p.path('deep'))).toThrow(expect.objectContaining({ code: 'NOT_A_FILE' }));
  });

  it('takes a damaged index for an empty one, and replaces it', async () => {
    await using p = await checkout();
    const first = p.open();
    first.digest(p.path('a.ts'));
    first.derive('imports', 1, digestOf('a'), () => ['x']);
    first.save();
    const file = p.path('.cache/stat');
    const bytes = await readFile(file);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, bits, cut) => {
          const copy = Buffer.from(bytes);
          copy[at] = (copy[at] ?? 0) ^ bits;
          await writeFile(file, cut ? bytes.subarray(0, at) : copy);
          const cache = p.open();
          expect(cache.digest(p.path('a.ts'))).toBe(digestOf('a'));
          expect(cache.derive('imports', 1, digestOf('a'), () => ['again'])).toEqual(['again']);
        },
      ),
      { numRuns: 50 },
    );
    const cache = p.open();
    cache.digest(p.path('a.ts'));
    expect(cache.save()).toBe(true);
  });

  it('remembers what was derived from a content, by name and version', async () => {
    await using p = await checkout();
    const first = p.open();
    const digest = first.digest(p.path('a.ts'));
    const derive = (cache: StatCache, name: string, version: number, value: string) =>
      cache.derive(name, version, digest, () => [value]);
    expect(derive(first, 'imports', 1, 'first')).toEqual(['first']);
    expect(derive(first, 'imports', 1, 'second')).toEqual(['first']);
    expect(derive(first, 'imports', 2, 'third')).toEqual(['third']);
    expect(derive(first, 'exports', 1, 'fourth')).toEqual(['fourth']);
    first.save();
    expect(derive(p.open(), 'imports', 1, 'later')).toEqual(['first']);
    expect(p.open().recall('imports', 1, digest)).toEqual(['first']);
    expect(p.open().recall('imports', 3, digest)).toBeUndefined();
  });

  it('forgets files that are gone and what was derived from them, and keeps what it was not asked for', async () => {
    await using p = await checkout();
    const first = p.open();
    for (const name of ['a.ts', 'deep/b.ts']) first.derive('imports', 1, first.digest(p.path(name)), () => [name]);
    first.save();
    await rm(p.path('a.ts'));
    await writeFile(p.path('new.ts'), 'new');
    const second = p.open();
    second.digest(p.path('new.ts'));
    second.save();
    const third = p.open();
    expect(third.derive('imports', 1, digestOf('b'), () => ['again'])).toEqual(['deep/b.ts']);
    expect(third.derive('imports', 1, digestOf('a'), () => ['again'])).toEqual(['again']);
  });

  it('keeps a value that belongs to no file for as long as runs ask for it', async () => {
    await using p = await checkout();
    const key = digestOf('what many files say together');
    const first = p.open();
    first.derive('dependencies', 1, key, () => 'kept');
    first.save();
    const second = p.open();
    expect(second.recall('dependencies', 1, key)).toBe('kept');
    second.digest(p.path('a.ts'));
    second.save();
    const third = p.open();
    third.digest(p.path('deep/b.ts'));
    third.save();
    expect(p.open().recall('dependencies', 1, key)).toBeUndefined();
  });

  it('says when the index cannot be written', async () => {
    await using p = await checkout();
    await mkdir(p.path('.cache'));
    await mkdir(p.path('.cache/stat'));
    const cache = p.open();
    cache.digest(p.path('a.ts'));
    expect(cache.save()).toBe(false);
  });

  it('fails nothing where a file lies in the place of its directory', async () => {
    await using p = await checkout();
    await writeFile(p.path('.cache'), '');
    const cache = p.open();
    expect(cache.digest(p.path('a.ts'))).toBe(digestOf('a'));
    expect(cache.indexed(p.path('a.ts'))?.settled).toBe(false);
    expect(cache.save()).toBe(false);
  });

  it('agrees with reading every file, whatever is done to them', async () => {
    const names = ['a.ts', 'b.ts', 'c.ts'] as const;
    const change = fc.record({
      name: fc.constantFrom(...names),
      way: fc.constantFrom('write', 'write and set back', 'touch', 'replace', 'swap', 'save', 'reopen'),
      text: fc.constantFrom('1', '2', '3', 'longer'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20, size: 'max' }), async (changes) => {
        await using p = await checkout({ 'a.ts': '1', 'b.ts': '2', 'c.ts': '3' });
        let cache = p.open();
        for (const { name, way, text } of changes) {
          const file = p.path(name);
          if (way === 'save') cache.save();
          else if (way === 'reopen') cache = p.open();
          else if (way === 'touch') await settle(file);
          else if (way === 'swap') {
            await rename(file, p.path('temporary'));
            await rename(p.path('b.ts'), file).catch(() => {});
            await rename(p.path('temporary'), p.path('b.ts'));
            await writeFile(file, text);
          } else {
            if (way === 'replace') await rm(file);
            await writeFile(file, text);
            if (way === 'write and set back') await settle(file);
          }
          for (const each of names) {
            expect(cache.digest(p.path(each))).toBe(digestOf(await readFile(p.path(each))));
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
