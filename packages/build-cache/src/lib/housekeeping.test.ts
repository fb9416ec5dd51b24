import { readdir, rm, statfs, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project, readTree } from '../../test/project.ts';
import { digestOf } from './digest.ts';
import { defaultMaxBytes } from './prune-store.ts';
import { writeSealedFile } from './sealed-file.ts';
import { bodyPath, entryPath, storeLayout } from './store-layout.ts';

const BIG = 'big '.repeat(1000);
const DAY = 24 * 3600_000;

/** Sets when a file was last used. */
async function age(file: string, milliseconds: number): Promise<void> {
  const seconds = (Date.now() - milliseconds) / 1000;
  await utimes(file, seconds, seconds);
}

describe('stats', () => {
  it('counts hits, misses and time saved per step and in total, of this run and of all', async () => {
    await using p = await project();
    const first = p.open();
    await first.lookup(digestOf('a'), 'bundle:a');
    await p.keep(first, 'a', { 'a.js': BIG });
    await first.close();
    const second = p.open();
    await second.lookup(digestOf('a'), 'bundle:a');
    await second.lookup(digestOf('none'));
    const { run, all } = await second.stats();
    expect(run.total).toMatchObject({ hits: 1, misses: 1, hitRate: 0.5, timeSaved: 7 });
    expect(all.total).toMatchObject({ hits: 1, misses: 2, timeSaved: 7 });
    expect(all.steps['bundle:a']).toMatchObject({ hits: 1, misses: 1, hitRate: 0.5 });
    expect(all.total.totalSize).toBeGreaterThan(BIG.length);
    await second.close();
    expect((await second.stats()).all.total).toEqual(all.total);
    expect((await p.open().stats()).all.total).toEqual(all.total);
  });

  it('counts per tier, and gives the last run beside all of them', async () => {
    await using p = await project();
    const first = p.open();
    expect((await first.stats()).last).toBeUndefined();
    await first.lookup(digestOf('a'), 'bundle:a');
    await p.keep(first, 'a', { 'a.js': BIG });
    await first.close();
    const second = p.open();
    await second.lookup(digestOf('a'), 'bundle:a');
    await second.close();
    const { last, all } = await p.open().stats();
    expect(last?.tiers).toEqual({ local: { ...last?.total, hits: 1, misses: 0, hitRate: 1, timeSaved: 7 } });
    expect(all.tiers).toMatchObject({ local: { hits: 1, misses: 1, totalSize: all.total.totalSize } });
  });

  it('takes back a hit that could not be restored', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG });
    await rm(bodyPath(storeLayout(p.store), digestOf(BIG)));
    await (await cache.lookup(digestOf('a')))?.restore(p.back);
    const { run } = await cache.stats();
    expect(run.total).toMatchObject({ hits: 0, misses: 1, timeSaved: 0 });
    expect(run.tiers).toMatchObject({ local: { hits: 0, misses: 1, timeSaved: 0 } });
  });

  it('merges the files of many runs, and loses none', async () => {
    await using p = await project();
    for (let run = 0; run < 140; run++) {
      const cache = p.open();
      await cache.lookup(digestOf('a'), 's');
      await cache.close();
    }
    expect((await readdir(storeLayout(p.store).stats)).length).toBeLessThan(70);
    const { all, last } = await p.open().stats();
    expect([all.total.misses, all.tiers.local?.misses, last?.total.misses]).toEqual([140, 140, 1]);
  });

  it('counts on what versions left that did not count per tier', async () => {
    await using p = await project();
    writeSealedFile(join(storeLayout(p.store).stats, 'old'), '{"format":1,"steps":[["a",[3,4,50]]]}');
    const { all } = await p.open().stats();
    expect(all.total).toMatchObject({ hits: 3, misses: 4, timeSaved: 50 });
    expect(all.tiers).toEqual({});
  });

  it('is not troubled by a damaged file of counts', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': 'a' });
    await cache.lookup(digestOf('a'));
    await cache.close();
    await writeFile(join(storeLayout(p.store).stats, 'torn'), '{"format":1,"steps":[["a",[1,');
    expect((await p.open().stats()).all.total.hits).toBe(1);
  });
});

describe('prune', () => {
  it('evicts down to the limit, and removes the bodies that nothing names', async () => {
    await using p = await project();
    const layout = storeLayout(p.store);
    const old = p.open();
    await p.keep(old, 'old', { 'a.js': BIG, 'b.js': `${BIG}b` });
    await p.keep(old, 'new', { 'b.js': `${BIG}b` });
    for (const text of [BIG, `${BIG}b`]) await age(bodyPath(layout, digestOf(text)), DAY);
    for (const [name, days] of [
      ['old', 2],
      ['new', 1],
    ] as const)
      await age(entryPath(layout, digestOf(name)), days * DAY);
    const cache = p.open();
    expect(await cache.prune({ maxBytes: 6000 })).toMatchObject({ evicted: 1, kept: 1, unused: 1 });
    expect(await cache.lookup(digestOf('old'))).toBeUndefined();
    expect(await (await cache.lookup(digestOf('new')))?.restore(p.back)).toBe(true);
    expect(p.events.ofType('evicted')).toMatchObject([{ key: digestOf('old') }]);
  });

  it('keeps entries that this run used, and young bodies that have no manifest yet', async () => {
    await using p = await project();
    const layout = storeLayout(p.store);
    const cache = p.open();
    await p.keep(cache, 'mine', { 'a.js': BIG });
    await p.keep(p.open(), 'theirs', { 'b.js': `${BIG}b` });
    await rm(entryPath(layout, digestOf('theirs')));
    await age(entryPath(layout, digestOf('mine')), DAY);
    expect(await cache.prune({ maxBytes: 0 })).toMatchObject({ evicted: 0, unused: 0 });
    expect(await cache.prune({ maxBytes: 0, grace: -1000 })).toMatchObject({ evicted: 0, unused: 1 });
    expect(await (await cache.lookup(digestOf('mine')))?.restore(p.back)).toBe(true);
  });

  it('evicts by order of use, not of making', async () => {
    await using p = await project();
    const layout = storeLayout(p.store);
    await p.keep(p.open(), 'first', { 'a.js': BIG });
    await p.keep(p.open(), 'second', { 'b.js': `${BIG}b` });
    await age(entryPath(layout, digestOf('first')), 2 * DAY);
    await age(entryPath(layout, digestOf('second')), DAY);
    await p.open().lookup(digestOf('first'));
    await p.open().prune({ maxBytes: 6000 });
    expect((await p.open().list()).map(({ step }) => step)).toEqual(['bundle:first']);
  });

  it('runs by itself when a build closes over the limit, and not before', async () => {
    await using p = await project();
    const layout = storeLayout(p.store);
    const first = p.open({ maxBytes: 6000 });
    await p.keep(first, 'first', { 'a.js': BIG });
    await first.close();
    expect(await p.open().list()).toHaveLength(1);
    await age(entryPath(layout, digestOf('first')), DAY);
    const second = p.open({ maxBytes: 6000 });
    await p.keep(second, 'second', { 'b.js': `${BIG}b` });
    await second.close();
    expect((await p.open().list()).map(({ step }) => step)).toEqual(['bundle:second']);
  });

  it('sweeps once a day for what is past its retention', async () => {
    await using p = await project();
    const first = p.open();
    await p.keep(first, 'first', { 'a.js': 'a' });
    await first.close();
    const later = p.open({ now: () => Date.now() + 40 * DAY });
    await p.keep(later, 'second', { 'b.js': 'b' });
    await later.close();
    expect((await p.open().list()).map(({ step }) => step)).toEqual(['bundle:second']);
  });

  it('removes what killed processes left', async () => {
    await using p = await project();
    const layout = storeLayout(p.store);
    await p.keep(p.open(), 'a', { 'a.js': 'a' });
    const [left = ''] = await readdir(layout.temporary);
    const dead = join(layout.temporary, '4194304-dead');
    await writeFile(dead, '');
    await age(join(layout.temporary, left), DAY / 2);
    await age(dead, DAY / 2);
    await p.open().prune();
    // This process is alive: what it has open stays for a day.
    expect(await readdir(layout.temporary)).toEqual([left]);
  });
});

describe('defaultMaxBytes', () => {
  it('is the smaller of 10 GB and a tenth of the disk', async () => {
    await using p = await project();
    await p.keep(p.open(), 'a', { 'a.js': 'a' });
    const { blocks, bsize } = await statfs(p.store);
    expect(defaultMaxBytes(storeLayout(p.store))).toBe(Math.min(10e9, Math.floor((blocks * bsize) / 10)));
  });
});

describe('verify', () => {
  it('finds nothing in a whole store', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG, 'b.js': 'b' });
    expect(await cache.verify()).toMatchObject({ entries: 1, bodies: 1, damaged: [] });
  });

  it('finds and puts aside damaged bodies, the entries that need them, and damaged manifests', async () => {
    await using p = await project();
    const layout = storeLayout(p.store);
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG });
    await p.keep(cache, 'b', { 'b.js': 'b' });
    const body = bodyPath(layout, digestOf(BIG));
    await rm(body);
    await writeFile(body, BIG.replace('b', 'B'));
    const manifest = entryPath(layout, digestOf('b'));
    await rm(manifest);
    await writeFile(manifest, 'torn');
    const { damaged } = await cache.verify();
    expect(damaged.map(({ kind, digest }) => [kind, digest]).sort()).toEqual(
      [
        ['body', digestOf(BIG)],
        ['entry', digestOf('a')],
        ['entry', digestOf('b')],
      ].sort(),
    );
    expect((await cache.verify()).damaged).toEqual([]);
  });

  it('stops when it is told to', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG });
    await expect(cache.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('clear', () => {
  it('removes everything, and a run that goes on stores again', async () => {
    await using p = await project();
    const [cache, other] = [p.open(), p.open()];
    await p.keep(other, 'a', { 'a.js': BIG });
    await p.keep(cache, 'b', { 'b.js': BIG });
    await cache.clear();
    expect(await readdir(p.store)).toEqual(['CACHEDIR.TAG']);
    expect(await other.lookup(digestOf('a'))).toBeUndefined();
    await p.keep(other, 'a', { 'a.js': BIG });
    await p.keep(cache, 'b', { 'b.js': 'b' });
    expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(true);
    expect(await readTree(p.back)).toEqual({ 'a.js': BIG });
    expect(p.events.ofType('failed')).toEqual([]);
  });

  it('is content with no store at all', async () => {
    await using p = await project();
    await p.open().clear();
    expect(await p.open().list()).toEqual([]);
    expect((await p.open().prune()).kept).toBe(0);
  });
});
