import { appendFileSync, copyFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Project, project } from '../../test/project.ts';
import { digestOf } from './digest.ts';
import type { LocalCache } from './local-cache.ts';
import { entryPath, storeLayout } from './store-layout.ts';

const BIG = 'big '.repeat(1000);

/** One run that stores each of these under its name, a small file and a big one. */
async function run(p: Project, names: readonly string[]): Promise<void> {
  const cache = p.open();
  for (const name of names) await p.keep(cache, name, { [`${name}.js`]: name, [`${name}.txt`]: `${BIG}${name}` });
  await cache.close();
}

async function foundIn(cache: LocalCache, names: readonly string[]): Promise<readonly (string | undefined)[]> {
  const index = await cache.index();
  return names.map((name) => index.find(digestOf(name))?.step);
}

describe('index', () => {
  it('finds what runs stored, as list gives it, and nothing else', async () => {
    await using p = await project();
    const names = Array.from({ length: 40 }, (_, n) => `n${n}`);
    await run(p, names.slice(0, 30));
    await run(p, names.slice(30));
    const cache = p.open();
    const index = await cache.index();
    expect(index.size).toBe(40);
    const listed = await cache.list();
    expect(listed.map(({ key }) => index.find(key))).toEqual(listed);
    expect(index.find(digestOf('none'))).toBeUndefined();
    expect(listed[0]).toMatchObject({ files: 2, duration: 7, size: expect.any(Number) });
  });

  it('finds what this run stored, before anything was written', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG });
    expect(await foundIn(cache, ['a', 'b'])).toEqual(['bundle:a', undefined]);
  });

  it('is told of new entries by a line, and not written anew for them', async () => {
    await using p = await project();
    const { index } = storeLayout(p.store);
    await run(p, ['a', 'b']);
    const before = await readFile(index);
    await run(p, ['c']);
    expect(await readFile(index)).toEqual(before);
    expect(await foundIn(p.open(), ['a', 'b', 'c'])).toEqual(['bundle:a', 'bundle:b', 'bundle:c']);
  });

  it('is made from the manifests where there is none', async () => {
    await using p = await project();
    await run(p, ['a', 'b']);
    const { index } = storeLayout(p.store);
    for (const file of [index, `${index}.journal`]) await rm(file, { force: true });
    expect(await foundIn(p.open(), ['a', 'b'])).toEqual(['bundle:a', 'bundle:b']);
    expect((await p.open().verify()).index).toBe('right');
  });

  it('is a hint: a run that was killed before it could tell leaves entries that list and prune see', async () => {
    await using p = await project();
    await run(p, ['a']);
    await p.keep(p.open(), 'b', { 'b.js': BIG });
    expect(await foundIn(p.open(), ['a', 'b'])).toEqual(['bundle:a', undefined]);
    expect((await p.open().list()).map(({ step }) => step).sort()).toEqual(['bundle:a', 'bundle:b']);
    expect(await foundIn(p.open(), ['a', 'b'])).toEqual(['bundle:a', 'bundle:b']);
  });

  it('does not bring back what was evicted, nor its bodies', async () => {
    await using p = await project();
    await run(p, ['a', 'b']);
    const index = await readFile(storeLayout(p.store).index);
    expect(await p.open().prune({ maxBytes: 0, grace: -1 })).toMatchObject({ evicted: 2, kept: 0, unused: 2 });
    expect(await foundIn(p.open(), ['a', 'b'])).toEqual([undefined, undefined]);
    // As if another process had written an old one back.
    await writeFile(storeLayout(p.store).index, index);
    expect(await p.open().list()).toEqual([]);
    expect(await p.open().prune()).toMatchObject({ evicted: 0, kept: 0, keptBytes: 0 });
  });

  it('knows another manifest under the same key for another', async () => {
    await using p = await project();
    await run(p, ['a']);
    const layout = storeLayout(p.store);
    const old = await readFile(layout.index);
    await p.open().prune({ maxBytes: 0, grace: -1 });
    const cache = p.open();
    // The same sizes, other bytes: what the old index says of its bodies is wrong.
    await p.keep(cache, 'a', { 'a.js': 'b', 'a.txt': `${BIG}b` });
    await cache.close();
    await writeFile(layout.index, old);
    expect(await p.open().prune({ grace: -1 })).toMatchObject({ kept: 1, unused: 0 });
    expect(await (await p.open().lookup(digestOf('a')))?.restore(p.back)).toBe(true);
  });

  it('is right in a copy of the store, whose files are others', async () => {
    await using p = await project();
    await run(p, ['a', 'b']);
    const file = entryPath(storeLayout(p.store), digestOf('a'));
    copyFileSync(file, `${file}.copy`);
    await rm(file);
    copyFileSync(`${file}.copy`, file);
    await rm(`${file}.copy`);
    expect((await p.open().list()).length).toBe(2);
    expect((await p.open().verify()).index).toBe('right');
  });

  it('leaves the bodies of an entry that has very many to its manifest', async () => {
    await using p = await project();
    const cache = p.open();
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${n}.txt`, `${BIG}${n}`]));
    await p.keep(cache, 'many', files);
    await cache.close();
    await run(p, ['few']);
    expect((await readFile(storeLayout(p.store).index)).length).toBeLessThan(2000);
    expect((await p.open().index()).find(digestOf('many'))).toMatchObject({ files: 100 });
    expect(await p.open().verify()).toMatchObject({ index: 'right', bodies: 101 });
    expect(await p.open().prune({ grace: -1 })).toMatchObject({ kept: 2, unused: 0 });
    expect(await (await p.open().lookup(digestOf('many')))?.restore(p.back)).toBe(true);
  });

  it('is mended by verify where it says something else than the manifests', async () => {
    await using p = await project();
    await run(p, ['a', 'b']);
    expect(await p.open().verify()).toMatchObject({ damaged: [], index: 'right' });
    await rm(entryPath(storeLayout(p.store), digestOf('a')));
    expect(await p.open().verify()).toMatchObject({ index: 'mended' });
    expect(await p.open().verify()).toMatchObject({ index: 'right' });
  });

  it('gives no wrong answer and fails nothing, whatever byte of it is changed', async () => {
    await using p = await project();
    await run(p, ['a', 'b']);
    await run(p, ['c']);
    const names = ['a', 'b', 'c', 'd'];
    const { index } = storeLayout(p.store);
    const truth = await p.open().index();
    const contents = await Promise.all(
      [index, `${index}.journal`].map(async (file) => [file, await readFile(file)] as const),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...contents),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('flip', 'cut', 'append'),
        async ([file, bytes], seed, bits, way) => {
          for (const [each, content] of contents) await writeFile(each, content);
          const at = seed % bytes.length;
          const copy = Buffer.from(bytes);
          copy[at] = (copy[at] ?? 0) ^ bits;
          if (way === 'append') appendFileSync(file, copy.subarray(0, at));
          else await writeFile(file, way === 'flip' ? copy : bytes.subarray(0, at));
          const damaged = await p.open().index();
          for (const name of names) {
            const found = damaged.find(digestOf(name));
            if (found !== undefined) expect(found).toEqual(truth.find(digestOf(name)));
          }
          expect((await p.open().list()).length).toBe(3);
        },
      ),
      { numRuns: 60 },
    );
  });
});
