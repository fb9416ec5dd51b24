import { statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildCacheContract } from '../../test/build-cache.contract.ts';
import { project, readTree } from '../../test/project.ts';
import { digestOf } from './digest.ts';
import { openLocalCache } from './local-cache.ts';
import { bodyPath, entryPath, storeLayout } from './store-layout.ts';

/** Tests write to memory where they can: this checkout is then on another device. */
const hasTwoDevices = statSync(tmpdir()).dev !== statSync(import.meta.dirname).dev;

const BIG = 'big '.repeat(1000);

describe('openLocalCache', () => {
  buildCacheContract((directory) => openLocalCache({ directory, now: Date.now }));

  it('writes nothing before there is something to keep', async () => {
    await using p = await project();
    const cache = p.open();
    await cache.lookup(digestOf('a'));
    await expect(stat(p.store)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('lays out the store as documented', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG });
    await cache.close();
    const layout = storeLayout(p.store);
    expect(await readFile(layout.tag, 'utf8')).toMatch(/^Signature: 8a477f597d28d172789f06886806bc55\n/);
    expect(JSON.parse(await readFile(layout.format, 'utf8'))).toEqual({ format: 1, hash: 'sha256' });
    const body = await stat(bodyPath(layout, digestOf(BIG)));
    expect([body.size, body.mode & 0o777]).toEqual([BIG.length, 0o444]);
    expect(await readdir(layout.temporary)).toEqual([]);
  });

  it('hits in another process, with executables still executable and value as it was', async () => {
    await using p = await project();
    await p.keep(p.open(), 'a', { 'bin/run*': BIG, 'b.js': 'b' }, { z: 1, a: [null, 'ü\u2028'] });
    const hit = await p.open().lookup(digestOf('a'));
    expect(JSON.stringify(hit?.entry.value)).toBe('{"z":1,"a":[null,"ü\u2028"]}');
    expect(await hit?.restore(p.back)).toBe(true);
    expect(await readTree(p.back)).toEqual({ 'bin/run*': BIG, 'b.js': 'b' });
  });

  it('keeps an edited restored file from changing the store', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG });
    const hit = await cache.lookup(digestOf('a'));
    await hit?.restore(p.back);
    await writeFile(join(p.back, 'a.js'), 'edited');
    expect(await hit?.restore(p.back)).toBe(true);
    expect(await readTree(p.back)).toEqual({ 'a.js': BIG });
  });

  it('replaces a link at a file’s place, and does not write through it', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG });
    await mkdir(p.back);
    await writeFile(join(p.out, 'victim'), 'safe');
    await symlink(join(p.out, 'victim'), join(p.back, 'a.js'));
    expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(true);
    expect(await readTree(p.back)).toEqual({ 'a.js': BIG });
    expect(await readFile(join(p.out, 'victim'), 'utf8')).toBe('safe');
  });

  it.each(['link', 'file'])('writes nothing where a directory’s place holds a %s', async (kind) => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': 'a', 'sub/b.js': BIG });
    await mkdir(p.back);
    await mkdir(join(p.out, 'elsewhere'));
    if (kind === 'link') await symlink(join(p.out, 'elsewhere'), join(p.back, 'sub'));
    else await writeFile(join(p.back, 'sub'), 'mine');
    expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(false);
    expect(await readdir(join(p.out, 'elsewhere'))).toEqual([]);
    expect(await readTree(p.back)).toEqual(kind === 'link' ? { 'sub@': '' } : { sub: 'mine' });
    expect(p.events.ofType('failed')).toHaveLength(1);
    expect(await cache.lookup(digestOf('a'))).toBeDefined();
  });

  it('puts whole directories into a place that has none, and single files beside what is there', async () => {
    await using p = await project();
    const cache = p.open();
    const files = {
      'new/a.js': BIG,
      'new/deep/b.js*': 'b',
      'there/c.js': BIG,
      'Mixed/d.js': 'd',
      'mixed/e.js': 'e',
      'f.js': 'f',
    };
    await p.keep(cache, 'a', files);
    await mkdir(join(p.back, 'there'), { recursive: true });
    await writeFile(join(p.back, 'there/mine.js'), 'mine');
    for (let time = 0; time < 2; time++) {
      expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(true);
      expect(await readTree(p.back)).toEqual({ ...files, 'there/mine.js': 'mine' });
    }
    await cache.close();
    expect(await readdir(storeLayout(p.store).temporary)).toEqual([]);
  });

  it('leaves nothing of a whole directory where one of its files is damaged', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'new/a.js': 'a', 'new/deep/b.js': BIG });
    await rm(bodyPath(storeLayout(p.store), digestOf(BIG)));
    expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(false);
    expect(await readdir(p.back)).toEqual([]);
    await cache.close();
    expect(await readdir(storeLayout(p.store).temporary)).toEqual([]);
  });

  it('refuses to store through a linked directory', async () => {
    await using p = await project();
    await mkdir(join(p.out, 'real'), { recursive: true });
    await writeFile(join(p.out, 'real/a.js'), 'a');
    await symlink(join(p.out, 'real'), join(p.out, 'linked'));
    const entry = { key: digestOf('a'), step: 's', directory: p.out, value: null, duration: 1 };
    await expect(p.open().store({ ...entry, paths: ['linked/a.js'] })).rejects.toMatchObject({
      code: 'OUTPUT_NOT_A_FILE',
    });
  });

  it('misses, reports and heals where a body is damaged', async () => {
    await using p = await project();
    const cache = p.open();
    const layout = storeLayout(p.store);
    await p.keep(cache, 'a', { 'a.js': BIG, 'b.js': 'b' });
    const body = bodyPath(layout, digestOf(BIG));
    await chmod(body, 0o644);
    await writeFile(body, BIG.replace('b', 'B'));
    expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(false);
    expect(await readTree(p.back)).toEqual({});
    expect(p.events.ofType('damaged')).toMatchObject([{ reason: 'the body of "a.js" is missing or damaged' }]);
    expect(await readdir(layout.quarantine)).toHaveLength(2);
    expect(await cache.lookup(digestOf('a'))).toBeUndefined();
    await p.keep(cache, 'a', { 'a.js': BIG, 'b.js': 'b' });
    expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(true);
    expect(await readTree(p.back)).toEqual({ 'a.js': BIG, 'b.js': 'b' });
  });

  it('heals a damaged body when another entry stores the same bytes', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG });
    const body = bodyPath(storeLayout(p.store), digestOf(BIG));
    await rm(body);
    await writeFile(body, '');
    await p.keep(cache, 'b', { 'b.js': BIG });
    expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(true);
    expect(await readTree(p.back)).toEqual({ 'a.js': BIG });
  });

  it('does not take one key’s manifest for another’s', async () => {
    await using p = await project();
    const cache = p.open();
    const layout = storeLayout(p.store);
    await p.keep(cache, 'a', { 'a.js': 'a' });
    await p.keep(cache, 'b', { 'b.js': 'b' });
    const file = entryPath(layout, digestOf('b'));
    await rm(file);
    await writeFile(file, await readFile(entryPath(layout, digestOf('a'))));
    expect(await cache.lookup(digestOf('b'))).toBeUndefined();
    expect(p.events.types()).toContain('damaged');
  });

  it('carries big files through in pieces', async () => {
    await using p = await project();
    const cache = p.open();
    const huge = '0123456789abcdef'.repeat(300_000);
    await p.keep(cache, 'a', { 'huge.node*': huge });
    await p.keep(cache, 'b', { 'again.node': huge });
    expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(true);
    expect((await stat(join(p.back, 'huge.node'))).mode & 0o777).toBe(0o755);
    expect(digestOf(await readFile(join(p.back, 'huge.node')))).toBe(digestOf(huge));
    const body = bodyPath(storeLayout(p.store), digestOf(huge));
    await chmod(body, 0o644);
    await writeFile(body, huge.replace('a', 'A'));
    await rm(p.back, { recursive: true });
    expect(await (await cache.lookup(digestOf('a')))?.restore(p.back)).toBe(false);
    expect(await readTree(p.back)).toEqual({});
  });

  it('says once that it cannot write, and still says what a step gave', async () => {
    await using p = await project();
    await writeFile(p.store, 'a file where the store should be');
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': BIG });
    await p.keep(cache, 'b', { 'b.js': BIG });
    expect(p.events.types()).toEqual(['failed']);
    expect(await cache.lookup(digestOf('a'))).toBeUndefined();
    await cache.close();
    expect(p.events.types().filter((type) => type === 'failed')).toHaveLength(1);
  });

  it.skipIf(!hasTwoDevices)('restores to another file system, and leaves nothing there but the files', async () => {
    await using p = await project();
    const elsewhere = { path: await mkdtemp(join(import.meta.dirname, '../../node_modules/.other-device-')) };
    onTestFinished(() => rm(elsewhere.path, { recursive: true }));
    const cache = p.open();
    await p.keep(cache, 'a', { 'a.js': 'a', 'deep/b.js*': BIG });
    expect(await (await cache.lookup(digestOf('a')))?.restore(elsewhere.path)).toBe(true);
    expect(await readTree(elsewhere.path)).toEqual({ 'a.js': 'a', 'deep/b.js*': BIG });
    await rm(bodyPath(storeLayout(p.store), digestOf(BIG)));
    expect(await (await cache.lookup(digestOf('a')))?.restore(join(elsewhere.path, 'second'))).toBe(false);
    expect(await readdir(join(elsewhere.path, 'second'))).toEqual([]);
  });

  it('is content when another writer was first', async () => {
    await using p = await project();
    await p.keep(p.open(), 'a', { 'a.js': 'first' });
    await p.keep(p.open(), 'a', { 'a.js': 'second' });
    expect(p.events.types()).toEqual(['stored']);
  });

  it('keeps values without files', async () => {
    await using p = await project();
    const cache = p.open();
    await p.keep(cache, 'a', {}, { name: 'echo' });
    const hit = await cache.lookup(digestOf('a'));
    expect(hit?.entry).toMatchObject({ files: [], value: { name: 'echo' } });
    expect(await hit?.restore(p.back)).toBe(true);
  });
});
