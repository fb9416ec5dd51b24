import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildCache, emptyCache } from '@mcpgen/build-cache';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkshop, outcomes, reasons, type Workshop } from '../../test/workshop.ts';
import type { Step } from './step.ts';

let shop: Workshop;

beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop[Symbol.asyncDispose]());

/** A small server: one tool, described, validated, packed. */
function server({ source = 'echo', description = 'Says it again', schema = '{}' } = {}): Step[] {
  return [
    shop.step('bundle:echo', { sources: { 'tools/echo.ts': source }, files: { 'modules/echo.js': source.trim() } }),
    shop.step('describe:echo', { needs: ['bundle:echo'], files: {}, value: { description, schema } }),
    shop.step('image', { needs: ['bundle:echo', 'describe:echo'] }),
  ];
}

describe('runPlan', () => {
  it('runs every step of a first build, after its needs', async () => {
    const result = await shop.build(server().toReversed());
    expect(shop.takeRan()).toEqual(['bundle:echo', 'describe:echo', 'image']);
    expect(outcomes(result)).toEqual({ image: 'ran', 'describe:echo': 'ran', 'bundle:echo': 'ran' });
    expect(new Set(Object.values(reasons(result)))).toEqual(new Set(['first build']));
    expect(Object.keys(await shop.files())).toEqual(['image.txt', 'modules/', 'modules/echo.js']);
  });

  it('gives reports, outputs and state in the order of the steps, whatever ran first', async () => {
    const names = ['image', 'describe:echo', 'bundle:echo'];
    const result = await shop.build(server().toReversed());
    expect(result.reports.map(({ name }) => name)).toEqual(names);
    expect([...result.outputs.keys()]).toEqual(names);
    expect([...result.state.keys()]).toEqual(names);
  });

  it('leaves everything as it is when nothing changed', async () => {
    const first = await shop.build(server());
    shop.takeRan();
    shop.events.clear();
    const second = await shop.build(server());
    expect(shop.takeRan()).toEqual([]);
    expect(outcomes(second)).toEqual({ 'bundle:echo': 'fresh', 'describe:echo': 'fresh', image: 'fresh' });
    expect(shop.events.types()).toEqual(['planned', 'finished', 'finished', 'finished']);
    for (const [name, output] of first.outputs) expect({ ...second.outputs.get(name) }).toEqual(output);
    expect(second.state).toEqual(first.state);
  });

  it('says which file changed, and runs only what depends on it', async () => {
    const other = shop.step('bundle:add', { sources: { 'tools/add.ts': 'add' } });
    await shop.build([...server(), other]);
    const result = await shop.build([...server({ source: 'echo twice' }), other]);
    expect(outcomes(result)).toEqual({
      'bundle:echo': 'ran',
      'describe:echo': 'ran',
      image: 'ran',
      'bundle:add': 'fresh',
    });
    expect(reasons(result)).toMatchObject({
      'bundle:echo': 'tools/echo.ts changed',
      'describe:echo': 'output of bundle:echo changed',
    });
  });

  it('runs a part of the steps, the others kept as they were', async () => {
    const other = shop.step('bundle:add', { sources: { 'tools/add.ts': 'add' }, files: { 'modules/add.js': 'add' } });
    const pack = shop.step('pack', { needs: ['bundle:add', 'bundle:echo'] });
    const before = await shop.build([...server(), other, pack]);
    const [bundle, ...rest] = server({ source: 'echo twice' });
    if (bundle === undefined) throw new TypeError('there is no bundle');
    const part = await shop.build([bundle, ...rest, pack], { others: 'kept' });
    expect(outcomes(part)).toEqual({ 'bundle:echo': 'ran', 'describe:echo': 'ran', image: 'ran', pack: 'ran' });
    expect(part.state.get('bundle:add')).toBe(before.state.get('bundle:add'));
    expect(Object.keys(await shop.files())).toContain('modules/add.js');
    const whole = await shop.build([bundle, ...rest, other, pack]);
    expect(new Set(Object.values(outcomes(whole)))).toEqual(new Set(['fresh']));
  });

  it('undoes a part that fails: the next build goes on from where it did', async () => {
    const before = await shop.build(server());
    const [bundle] = server({ source: 'echo twice' });
    const pack = shop.step('pack', { needs: ['bundle:echo'], files: { 'packs/new.txt': 'new' } });
    const work = () => Promise.reject(new TypeError('no description'));
    const failing = shop.step('describe:echo', { needs: ['bundle:echo'], after: ['pack'], work });
    if (bundle === undefined) throw new TypeError('there is no bundle');
    const ended = shop.build([bundle, pack, failing], { others: 'kept', state: before.state });
    const error = await ended.catch((found: unknown) => found);
    expect(error).toMatchObject({ code: 'STEP_FAILED', state: before.state });
    expect(Object.keys(await shop.files())).toEqual(['image.txt', 'modules/', 'modules/echo.js']);
  });

  it('stops where a step that ran again gave the same', async () => {
    await shop.build(server());
    const result = await shop.build(server({ source: 'echo   ' }));
    expect(outcomes(result)).toEqual({ 'bundle:echo': 'ran', 'describe:echo': 'fresh', image: 'fresh' });
  });

  it('restores from the cache what was made before', async () => {
    await shop.build(server());
    await shop.build(server({ source: 'other' }));
    shop.takeRan();
    const result = await shop.build(server());
    expect(outcomes(result)).toEqual({ 'bundle:echo': 'restored', 'describe:echo': 'restored', image: 'restored' });
    expect(result.reports.map(({ tier }) => tier)).toEqual(['local', 'local', 'local']);
    expect(shop.takeRan()).toEqual([]);
    expect((await shop.files())['modules/echo.js']).toBe('echo');
    const [again] = (await shop.build(server())).reports;
    expect(again).toMatchObject({ name: 'bundle:echo', outcome: 'fresh' });
    expect(again).not.toHaveProperty('tier');
  });

  it('says in each entry which version made it, and in which format of the step', async () => {
    const result = await shop.build(server());
    const key = result.state.get('bundle:echo')?.key;
    const hit = key === undefined ? undefined : await shop.cache.lookup(key);
    expect(hit?.entry.producer).toEqual({ generator: expect.any(String), format: 1 });
  });

  it.each(['removed', 'edited'])('brings an output back that was %s', async (how) => {
    await shop.build(server());
    const file = join(shop.directory, 'modules/echo.js');
    await (how === 'removed' ? rm(file) : writeFile(file, 'ohce'));
    const result = await shop.build(server());
    expect(outcomes(result)).toEqual({ 'bundle:echo': 'restored', 'describe:echo': 'fresh', image: 'fresh' });
    expect(reasons(result)['bundle:echo']).toBe(
      `its output modules/echo.js ${how === 'removed' ? 'is gone' : 'was changed'}`,
    );
    expect((await shop.files())['modules/echo.js']).toBe('echo');
  });

  it('hands a step the outputs of what it needs and of what it waits for, and no others', async () => {
    const seen: Record<string, unknown> = {};
    await shop.build([
      shop.step('a', { value: 1 }),
      shop.step('b', { value: 2, files: {} }),
      shop.step('c', { value: 3 }),
      shop.step('d', {
        needs: ['a'],
        after: ['b'],
        work: async ({ needs }) => {
          for (const [name, { value, files }] of needs) seen[name] = { value, files };
        },
      }),
    ]);
    expect(seen).toEqual({ a: { value: 1, files: ['a.txt'] }, b: { value: 2, files: [] } });
  });

  it('waits for a step of "after" without depending on what it gives', async () => {
    const steps = (source: string) => [
      shop.step('last', { after: ['first'] }),
      shop.step('first', { sources: { 'a.ts': source } }),
    ];
    await shop.build(steps('one'));
    expect(shop.takeRan()).toEqual(['first', 'last']);
    expect(outcomes(await shop.build(steps('two')))).toEqual({ first: 'ran', last: 'fresh' });
  });

  it('depends on no more of a value than it reads', async () => {
    const steps = (facts: Parameters<typeof server>[0]) => [
      ...server(facts),
      shop.step('validator:echo', {
        needs: ['describe:echo'],
        reads: (needs) => Object(needs.get('describe:echo')?.value).schema,
      }),
    ];
    await shop.build(steps({}));
    const reworded = await shop.build(steps({ source: 'v2', description: 'Repeats' }));
    expect(outcomes(reworded)).toMatchObject({ 'describe:echo': 'ran', image: 'ran', 'validator:echo': 'fresh' });
    const retyped = await shop.build(steps({ source: 'v3', description: 'Repeats', schema: '{"type":"string"}' }));
    expect(reasons(retyped)['validator:echo']).toBe('output of describe:echo changed');
  });

  it('reads nothing again of outputs that are the same', async () => {
    let read = 0;
    const steps = (facts: Parameters<typeof server>[0]) => [
      ...server(facts),
      shop.step('validator:echo', {
        needs: ['describe:echo'],
        reads: (needs) => {
          read++;
          return Object(needs.get('describe:echo')?.value).schema;
        },
      }),
    ];
    await shop.build(steps({}));
    await shop.build(steps({}));
    expect(read).toBe(1);
    await shop.build(steps({ source: 'v2', description: 'Repeats' }));
    expect(read).toBe(2);
  });

  it('runs everything when it is forced to, and keeps it', async () => {
    await shop.build(server());
    const forced = await shop.build(server(), { force: true });
    expect(outcomes(forced)).toEqual({ 'bundle:echo': 'ran', 'describe:echo': 'ran', image: 'ran' });
    expect(reasons(forced).image).toBe('it was asked for');
    expect(outcomes(await shop.build(server())).image).toBe('fresh');
  });

  it('always runs a step that is not to be kept', async () => {
    const steps = [shop.step('push', { cache: 'off', files: {} }), shop.step('report', { needs: ['push'] })];
    await shop.build(steps);
    const result = await shop.build(steps);
    expect(outcomes(result)).toEqual({ push: 'ran', report: 'fresh' });
    expect(reasons(result).push).toBe('it is never kept');
  });

  it('neither looks for a step that is not to be kept, nor stores it', async () => {
    const [kept, unkept] = [shop.step('a', { value: 1 }), shop.step('a', { value: 1, cache: 'off' })];
    await shop.build([unkept]);
    const key = shop.state.get('a')?.key;
    expect(key && (await shop.cache.lookup(key))).toBeUndefined();
    shop.state = new Map();
    await shop.build([kept]);
    expect(key && (await shop.cache.lookup(key))).toBeDefined();
    expect(outcomes(await shop.build([unkept]))).toEqual({ a: 'ran' });
  });

  it('runs a step whose entry turns out to be damaged', async () => {
    const damaged: BuildCache = {
      ...shop.cache,
      lookup: async (key) => {
        const hit = await shop.cache.lookup(key);
        return hit && { ...hit, restore: async () => false };
      },
    };
    await shop.build(server());
    shop.state = new Map();
    expect(outcomes(await shop.build(server(), { cache: damaged })).image).toBe('ran');
  });

  it('goes on without a cache that breaks', async () => {
    const broken = { ...emptyCache({ now: () => 0 }), lookup: () => Promise.reject(new Error('disk gone')) };
    await shop.build([shop.step('a')], { cache: broken });
    expect(shop.events.ofType('warning')).toEqual([
      { type: 'warning', step: 'a', message: 'Cannot look in the cache: disk gone' },
    ]);
  });

  it('does not keep what was made from files that changed meanwhile', async () => {
    const rechecked: unknown[] = [];
    const step = shop.step('bundle:echo', { sources: { 'tools/echo.ts': 'echo' } });
    await shop.build([step], {
      recheck: (files) => {
        rechecked.push(files);
        return false;
      },
    });
    expect(rechecked).toEqual([step.inputs.files]);
    expect(shop.events.ofType('warning')).toMatchObject([{ step: 'bundle:echo' }]);
    const key = [...shop.state.values()][0]?.key;
    expect(key && (await shop.cache.lookup(key))).toBeUndefined();
    const next = await shop.build([step]);
    expect(next.reports).toMatchObject([{ outcome: 'ran', reason: 'what it reads was changed while it ran' }]);
  });

  it('takes a file that it cannot look at again for changed', async () => {
    const recheck = () => Promise.reject(new Error('ENOENT'));
    await shop.build([shop.step('a', { sources: { 'a.ts': '' } })], { recheck });
    expect(shop.events.ofType('warning')).toHaveLength(1);
  });

  it('refuses a list that is no graph before anything runs', async () => {
    await expect(shop.build([shop.step('a'), shop.step('b', { after: ['c'] })])).rejects.toMatchObject({
      code: 'STEP_NEED_UNKNOWN',
      steps: ['b', 'c'],
    });
    expect(shop.takeRan()).toEqual([]);
  });

  it('does nothing for no steps', async () => {
    expect((await shop.build([])).reports).toEqual([]);
  });
});
