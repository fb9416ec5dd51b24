import { readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type Project, project, readTree } from '../../test/project.ts';
import { untilSettled } from '../../test/settle.ts';
import { digestOf } from './digest.ts';
import type { LocalCache } from './local-cache.ts';
import { bodyPath, entryPath, storeLayout } from './store-layout.ts';

const body = (name: string): string => `${name} `.repeat(800);

/** As many as it takes to be remembered, and small ones among them. */
const FILES: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [
    `d${index % 3}/f${index}.js`,
    index % 4 === 0 ? `tiny ${index}` : body(`f${index}`),
  ]),
);

/** A file that is big enough to have a body. */
const ONE = 'd1/f1.js';

/** A store that knows the outputs, and outputs that were not touched for as long as a clock ticks. */
async function known(files = FILES): Promise<Project & { cache: LocalCache }> {
  const p = await project();
  await p.keep(p.open(), 'warm-up', files);
  // A time that can be set again exactly: of what a clock gives, Node sets milliseconds.
  await utimes(join(p.out, ONE), 1_000_000_000, 1_000_000_000);
  await untilSettled(p.out);
  const cache = p.open();
  await p.put(cache, 'before', Object.keys(files));
  return { ...p, cache };
}

/** By digest: what differs is then seen at a glance. */
function digests(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, digestOf(text)]));
}

async function restored(p: Project, name: string): Promise<Record<string, string> | undefined> {
  rmSync(p.back, { recursive: true, force: true });
  const hit = await p.open().lookup(digestOf(name));
  return (await hit?.restore(p.back)) === true ? digests(await readTree(p.back)) : undefined;
}

const remembered = (p: Project): string[] => readdirSync(storeLayout(p.store).outputs);

describe('a store of outputs that were stored before', () => {
  it('neither reads what has not changed nor looks for its body', async () => {
    await using p = await known();
    rmSync(bodyPath(storeLayout(p.store), digestOf(body('f1'))));
    const entry = await p.put(p.cache, 'after', Object.keys(FILES));
    expect(entry.files.find(({ path }) => path === ONE)?.digest).toBe(digestOf(body('f1')));
    expect(() => statSync(bodyPath(storeLayout(p.store), digestOf(body('f1'))))).toThrow('ENOENT');
  });

  it('gives the same entry as one that read everything, and restores the same', async () => {
    await using p = await known();
    const first = await p.cache.lookup(digestOf('before'));
    const again = await p.put(p.cache, 'after', Object.keys(FILES));
    expect(again).toEqual({ ...first?.entry, key: digestOf('after'), created: again.created });
    expect(await p.put(p.cache, 'reversed', Object.keys(FILES).reverse())).toMatchObject({ output: again.output });
    const fewer = Object.entries(FILES).slice(3);
    await p.put(
      p.cache,
      'fewer',
      fewer.map(([path]) => path),
    );
    for (const name of ['after', 'reversed']) expect(await restored(p, name)).toEqual(digests(FILES));
    expect(await restored(p, 'fewer')).toEqual(digests(Object.fromEntries(fewer)));
  });

  it('takes another value for what it is', async () => {
    await using p = await known();
    const one = await p.put(p.cache, 'one', Object.keys(FILES), { files: ['"files":['] });
    const two = await p.put(p.cache, 'two', Object.keys(FILES), null);
    expect(one.output).not.toBe(two.output);
    expect((await p.open().lookup(digestOf('one')))?.entry).toEqual(one);
    expect((await p.open().lookup(digestOf('two')))?.entry).toEqual(two);
  });

  it.each<[string, (file: string) => Promise<void>]>([
    [
      'written with the same size and the old time',
      async (file) => {
        const { atime, mtime } = statSync(file);
        await writeFile(file, body('g1'));
        await utimes(file, atime, mtime);
      },
    ],
    [
      'replaced by another of its size and time',
      async (file) => {
        const { atime, mtime } = statSync(file);
        await writeFile(`${file}.new`, body('g1'));
        await utimes(`${file}.new`, atime, mtime);
        await rename(`${file}.new`, file);
      },
    ],
    [
      'written by a clock that was set back',
      async (file) => {
        await writeFile(file, body('g1'));
        await utimes(file, 1, 1);
      },
    ],
  ])('reads a file that was %s', async (_, edit) => {
    await using p = await known();
    await edit(join(p.out, ONE));
    await p.put(p.cache, 'after', Object.keys(FILES));
    expect(await restored(p, 'after')).toEqual(digests({ ...FILES, [ONE]: body('g1') }));
    expect(await restored(p, 'before')).toEqual(digests(FILES));
  });

  it('reads files again that may have been written within the tick of the clock in which they were stored', async () => {
    await using p = await project();
    await writeTree(p.out, FILES);
    await untilSettled(p.out);
    // By this clock all of them were.
    const cache = p.open({ now: () => 0 });
    await p.put(cache, 'before', Object.keys(FILES));
    rmSync(bodyPath(storeLayout(p.store), digestOf(body('f1'))));
    await p.put(cache, 'after', Object.keys(FILES));
    expect(await restored(p, 'after')).toEqual(digests(FILES));
  });

  it('refuses a directory that a link took the place of', async () => {
    await using p = await known();
    await rename(join(p.out, 'd1'), join(p.out, 'moved'));
    await symlink('moved', join(p.out, 'd1'));
    await expect(p.put(p.cache, 'after', Object.keys(FILES))).rejects.toMatchObject({ code: 'OUTPUT_NOT_A_FILE' });
  });

  it('says which output is gone', async () => {
    await using p = await known();
    await rm(join(p.out, ONE));
    await expect(p.put(p.cache, 'after', Object.keys(FILES))).rejects.toMatchObject({ code: 'OUTPUT_UNREADABLE' });
  });

  it.each<[string, (p: Project) => unknown]>([
    ['was evicted', (p) => p.open().prune({ maxBytes: 0, grace: -1 })],
    [
      'was removed with its bodies',
      (p) => {
        rmSync(entryPath(storeLayout(p.store), digestOf('before')));
        rmSync(storeLayout(p.store).bodies, { recursive: true });
      },
    ],
    [
      'is another one now',
      async (p) => {
        rmSync(entryPath(storeLayout(p.store), digestOf('before')));
        rmSync(storeLayout(p.store).bodies, { recursive: true });
        const other = join(p.out, '../other');
        await mkdir(other);
        await writeFile(join(other, 'a.js'), 'a');
        await p.open().store({
          key: digestOf('before'),
          step: 'tree',
          directory: other,
          paths: ['a.js'],
          value: null,
          duration: 1,
        });
      },
    ],
    ['went with the whole store', (p) => p.open().clear()],
  ])('reads everything when the entry that it counts on %s', async (_, lose) => {
    await using p = await known();
    await lose(p);
    await p.put(p.open(), 'after', Object.keys(FILES));
    expect(await restored(p, 'after')).toEqual(digests(FILES));
  });

  it('heals a body that was lost, as soon as a restore has found it out', async () => {
    await using p = await known();
    rmSync(bodyPath(storeLayout(p.store), digestOf(body('f1'))));
    await p.put(p.cache, 'after', Object.keys(FILES));
    expect(await restored(p, 'after')).toBeUndefined();
    expect(() => remembered(p)).toThrow('ENOENT');
    await p.put(p.cache, 'after', Object.keys(FILES));
    expect(await restored(p, 'after')).toEqual(digests(FILES));
    expect(await restored(p, 'before')).toEqual(digests(FILES));
  });

  it('keeps what it counts on from being evicted', async () => {
    await using p = await known();
    const later = () => Date.now() + 3600_000;
    await p.put(p.open({ now: later }), 'after', Object.keys(FILES));
    expect((await p.open({ now: later }).prune({ maxBytes: 0 })).evicted).toBeGreaterThan(0);
    expect(await restored(p, 'before')).toEqual(digests(FILES));
  });

  it('remembers neither a few small files nor those of another device, and forgets after the retention', async () => {
    await using p = await project();
    await p.keep(p.open(), 'a', { 'a.js': body('a') });
    await expect(readdir(storeLayout(p.store).outputs)).rejects.toMatchObject({ code: 'ENOENT' });
    await p.keep(p.open(), 'b', FILES);
    expect(remembered(p)).toHaveLength(1);
    await p.open({ now: () => Date.now() + 60_000 }).prune({ retention: 1000 });
    expect(remembered(p)).toEqual([]);
  });
});
