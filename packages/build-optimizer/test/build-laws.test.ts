import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BuildPlan, type BuildResult, readBuildPlan, type Step } from '../src/index.ts';
import { mulberry32, randomGraph } from './random-graph.ts';
import { openWorkshop, outcomes, reasons, type Workshop } from './workshop.ts';

/** A project on a random graph: each step reads one file, the content of which `versions` says. */
function project(shop: Workshop, seed: number, versions: readonly number[], pause: () => Promise<void>): Step[] {
  const { nodes } = randomGraph(seed, { size: versions.length, needs: 2, spread: 1 });
  return nodes.map(({ name, needs }, at) =>
    shop.step(name, {
      needs,
      sources: { [`${at}.ts`]: `version ${versions[at]}` },
      value: versions[at],
      slots: at % 3,
      work: pause,
    }),
  );
}

/** Lets other steps come first, as often as a random number says. */
function pauses(seed: number): () => Promise<void> {
  const random = mulberry32(seed);
  return async () => {
    for (let turns = Math.floor(random() * 6); turns > 0; turns -= 1) await new Promise(setImmediate);
  };
}

/** What may not depend on timing. */
function essence(result: BuildResult) {
  const keys = [...result.state].map(([name, { key, output }]) => [name, key, output]);
  const outputs = [...result.outputs].map(([name, { digest, files, value }]) => [name, digest, files, value]);
  return { outcomes: outcomes(result), reasons: reasons(result), keys, outputs };
}

const builds = fc.record({
  graph: fc.nat(1000),
  before: fc.array(fc.nat(3), { minLength: 1, maxLength: 14 }),
  edits: fc.array(fc.tuple(fc.nat(13), fc.nat(3)), { maxLength: 3 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  timing: fc.nat(),
});

function edited(before: readonly number[], edits: readonly (readonly [number, number])[]): readonly number[] {
  const changes = new Map(edits);
  return before.map((version, at) => changes.get(at) ?? version);
}

describe('runPlan', () => {
  it('comes to the same whatever the timing and the concurrency', async () => {
    const build = fc.asyncProperty(builds, async ({ graph, before, edits, concurrency, timing }) => {
      const results: unknown[] = [];
      for (const [seed, slots] of [
        [1, 1],
        [timing, concurrency],
      ] as const) {
        await using shop = await openWorkshop();
        const first = await shop.build(project(shop, graph, before, pauses(seed)), { concurrency: slots });
        const steps = project(shop, graph, edited(before, edits), pauses(seed + 1));
        const second = await shop.build(steps, { concurrency: slots });
        results.push([essence(first), essence(second), await shop.files()]);
      }
      expect(results[1]).toEqual(results[0]);
    });
    await fc.assert(build, { numRuns: 25 });
  });

  it('leaves after an edit what a clean build would, and runs no step that nothing reached', async () => {
    const build = fc.asyncProperty(builds, async ({ graph, before, edits, concurrency, timing }) => {
      await using shop = await openWorkshop();
      await using clean = await openWorkshop();
      const after = edited(before, edits);
      await shop.build(project(shop, graph, before, pauses(timing)), { concurrency });
      shop.takeRan();
      const result = await shop.build(project(shop, graph, after, pauses(timing)), { concurrency });
      await clean.build(project(clean, graph, after, pauses(0)), { concurrency });
      expect(await shop.files()).toEqual(await clean.files());
      const changed = new Set(after.flatMap((version, at) => (version === before[at] ? [] : [`step:${at}`])));
      for (const { name, needs, outcome } of result.reports) {
        const reached = changed.has(name) || needs.some((need) => changed.has(need));
        if (reached) changed.add(name);
        expect(outcome === 'fresh').toBe(!reached);
      }
    });
    await fc.assert(build, { numRuns: 25 });
  });

  it('does what the plan said, as far as the plan knew', async () => {
    const build = fc.asyncProperty(builds, async ({ graph, before, edits, concurrency, timing }) => {
      await using shop = await openWorkshop();
      for (const versions of [before, edited(before, edits), before]) {
        const steps = project(shop, graph, versions, pauses(timing));
        const plan = await readBuildPlan(steps, { state: shop.state, generatorVersion: '1', cache: shop.cache });
        checkPlan(plan, await shop.build(steps, { concurrency }));
      }
    });
    await fc.assert(build, { numRuns: 25 });
  });
});

function checkPlan(plan: BuildPlan, result: BuildResult): void {
  const expected = { fresh: 'fresh', restore: 'restored', run: 'ran' };
  plan.steps.forEach(({ name, action, reason }, at) => {
    const report = result.reports[at];
    expect(report?.name).toBe(name);
    if (action !== 'pending') expect(report).toMatchObject({ outcome: expected[action], reason });
  });
}
