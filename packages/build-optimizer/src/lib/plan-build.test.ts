import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkshop, type Workshop } from '../../test/workshop.ts';
import { planBuild, readBuildPlan } from './plan-build.ts';
import type { Step } from './step.ts';

let shop: Workshop;

beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop[Symbol.asyncDispose]());

const steps = (source: string): Step[] => [
  shop.step('image', { needs: ['describe', 'bundle'] }),
  shop.step('describe', { needs: ['bundle'], files: {} }),
  shop.step('bundle', { sources: { 'tools/echo.ts': source } }),
  shop.step('push', { after: ['image'], cache: 'off', files: {} }),
];

const options = () => ({ state: shop.state, generatorVersion: '1' });

describe('planBuild', () => {
  it('knows of a first build only what has to run before the rest', () => {
    expect(planBuild(steps('a'), options()).steps).toMatchObject([
      { name: 'image', action: 'pending', reason: 'waits for "describe"' },
      { name: 'describe', action: 'pending', reason: 'waits for "bundle"' },
      { name: 'bundle', action: 'run', reason: 'first build' },
      { name: 'push', action: 'run', reason: 'it is never kept' },
    ]);
  });

  it('says that all is fresh when nothing changed', async () => {
    await shop.build(steps('a'));
    const plan = planBuild(steps('a').slice(0, 3), options());
    expect(plan.steps.map(({ action, reason }) => [action, reason])).toEqual(
      Array(3).fill(['fresh', 'nothing changed']),
    );
    expect(plan.steps.map(({ key }) => key)).toEqual(plan.steps.map(({ name }) => shop.state.get(name)?.key));
  });

  it('says what changed', async () => {
    await shop.build(steps('a'));
    expect(planBuild(steps('b'), options()).steps[2]).toMatchObject({ action: 'run', reason: 'tools/echo.ts changed' });
  });

  it('sees through what a cache has to the steps behind it', async () => {
    await shop.build(steps('a'));
    await shop.build(steps('b'));
    const plan = await readBuildPlan(steps('a'), { ...options(), cache: shop.cache });
    expect(plan.steps.map(({ action }) => action)).toEqual(['restore', 'restore', 'restore', 'run']);
    expect(plan.steps[1]?.reason).toBe('output of bundle changed');
    expect(planBuild(steps('a'), options()).steps.map(({ action }) => action)).toEqual([
      'pending',
      'pending',
      'run',
      'run',
    ]);
  });

  it('takes outputs for being in place unless it is told', async () => {
    await shop.build(steps('a'));
    await rm(join(shop.directory, 'bundle.txt'));
    expect(planBuild(steps('a'), options()).steps[2]?.action).toBe('fresh');
    const plan = await readBuildPlan(steps('a'), { ...options(), cache: shop.cache });
    expect(plan.steps[2]).toMatchObject({ action: 'restore', reason: 'its output bundle.txt is gone' });
    expect(plan.steps[0]?.action).toBe('fresh');
  });

  it('expects nothing from a cache for a step that is never kept', async () => {
    const kept = shop.step('a');
    await shop.build([kept]);
    const plan = await readBuildPlan([{ ...kept, cache: 'off' }], { ...options(), cache: shop.cache });
    expect(plan.steps[0]).toMatchObject({ action: 'run', reason: 'it is never kept' });
  });

  it('changes nothing', async () => {
    await shop.build(steps('a'));
    const before = await shop.files();
    await readBuildPlan(steps('b'), { ...options(), cache: shop.cache });
    expect(await shop.files()).toEqual(before);
    expect(shop.takeRan()).toHaveLength(4);
  });

  it('refuses a list that is no graph', () => {
    expect(() => planBuild([shop.step('a', { needs: ['a'] })], options())).toThrow(
      expect.objectContaining({ code: 'STEP_CYCLE', steps: ['a'] }),
    );
  });
});
