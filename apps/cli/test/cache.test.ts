import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliRig, ECHO } from './cli-rig.ts';

describe('mcpgen cache stats', () => {
  it('counts hits and the time they saved', async () => {
    await using rig = await cliRig();
    await rig.run(['build', '--no-image']);
    await rig.write({ 'tools/echo.ts': ECHO.replace('Says', 'Repeats') });
    await rig.run(['build', '--no-image']);
    await rig.write({ 'tools/echo.ts': ECHO });
    await rig.run(['build', '--no-image']);
    const stats = (await rig.run(['cache', 'stats', '--json'])).json();
    expect(stats).toMatchObject({
      status: 'ok',
      hits: expect.any(Number),
      misses: expect.any(Number),
      hitRate: expect.any(Number),
      totalSize: expect.any(Number),
      timeSaved: expect.any(Number),
    });
    expect(Number(stats.hits)).toBeGreaterThan(0);
    const { hits, misses, hitRate, totalSize, timeSaved } = stats;
    // One tier, which is the whole cache; the last build found what the first had made.
    expect(stats.tiers).toEqual({ local: { hits, misses, hitRate, totalSize, timeSaved } });
    expect(stats.last).toMatchObject({ total: { misses: 0, hitRate: 1 }, tiers: { local: { misses: 0 } } });
    const { stdout } = await rig.run(['cache', 'stats']);
    expect(stdout).toMatch(/^tier +hits +misses/m);
    expect(stdout).toMatch(/^Last build: \d+ hits, 0 misses \(100 %\)/m);
  });
});

describe('mcpgen cache', () => {
  it('lists what builds keep, and clears it', async () => {
    await using rig = await cliRig();
    expect((await rig.run(['cache', 'list', '--json'])).json()).toMatchObject({ code: 'CACHE_LISTED', entries: [] });
    await rig.run(['build', '--no-image', '--no-typecheck']);
    const listed = (await rig.run(['cache', 'list', '--step', 'bundle:', '--json'])).json();
    expect(listed.entries).toMatchObject([{ step: 'bundle:tools/echo', files: 2, size: expect.any(Number) }]);
    expect((await rig.run(['cache', 'list'])).stdout).toMatch(/bundle:tools\/echo +2 /);
    expect((await rig.run(['cache', 'clear', '--json'])).json()).toMatchObject({ code: 'CACHE_CLEARED' });
    expect((await rig.run(['cache', 'list', '--json'])).json().entries).toEqual([]);
  });

  it('finds damage, names it and puts it aside', async () => {
    await using rig = await cliRig();
    await rig.run(['build', '--no-image', '--no-typecheck']);
    expect(await rig.run(['cache', 'verify', '--json'])).toMatchObject({ code: 0 });
    const store = join(rig.directory, '.cache/mcpgen/store/v1/entries');
    const name = readdirSync(store, { recursive: true, encoding: 'utf8' }).find((path) => /\w{64}$/.test(path)) ?? '';
    rmSync(join(store, name));
    writeFileSync(join(store, name), 'damaged');
    const ran = await rig.run(['cache', 'verify', '--json']);
    expect(ran.code).toBe(1);
    expect(ran.json()).toMatchObject({
      status: 'error',
      code: 'CACHE_DAMAGED',
      damaged: [{ kind: 'entry', digest: expect.stringContaining(name.slice(-64)) }],
    });
    expect(await rig.run(['cache', 'verify'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^All whole/) });
  });

  it('prunes to a size, but not what was just used', async () => {
    await using rig = await cliRig();
    await rig.run(['build', '--no-image', '--no-typecheck']);
    const kept = (await rig.run(['cache', 'prune', '--max-size', '0', '--json'])).json();
    expect(kept).toMatchObject({ code: 'CACHE_PRUNED', evicted: 0 });
    const store = join(rig.directory, '.cache/mcpgen/store/v1');
    for (const name of readdirSync(store, { recursive: true, encoding: 'utf8' })) {
      if (/\w{64}$/.test(name)) utimesSync(join(store, name), 1_700_000_000, 1_700_000_000);
    }
    const pruned = (await rig.run(['cache', 'prune', '--unused-for', '1h', '--json'])).json();
    expect(pruned).toMatchObject({ kept: 0, keptBytes: 0 });
    expect(Number(pruned.evicted)).toBeGreaterThan(3);
  });

  it.each([
    ['prune', '--max-size', 'much', /expected a size/],
    ['prune', '--unused-for', 'ages', /expected a time/],
    ['list', '--nope', '', /--nope/],
  ])('%s %s %s is a wrong use', async (command, flag, value, says) => {
    await using rig = await cliRig();
    const ran = await rig.run(['cache', command, flag, value]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(says);
  });
});
