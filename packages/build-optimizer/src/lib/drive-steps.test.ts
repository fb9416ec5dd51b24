import { describe, expect, it } from 'vitest';
import { driveSteps, type StepDriver } from './drive-steps.ts';
import { createScheduler } from './scheduler.ts';
import { createStepGraph } from './step-graph.ts';

const chain = createStepGraph(['a', 'b', 'c'].map((name, at, all) => ({ name, needs: all.slice(at - 1, at) })));
const options = { concurrency: 1, weights: [1, 1, 1], slots: [1, 1, 1] };

function driver(overrides: Partial<StepDriver> = {}): StepDriver & { readonly started: number[] } {
  const started: number[] = [];
  return {
    started,
    arrive: () => false,
    start: async (step) => {
      started.push(step);
    },
    fail: () => {},
    signal: undefined,
    ...overrides,
  };
}

describe('driveSteps', () => {
  it('starts what is not done on arrival', async () => {
    const steps = driver({ arrive: (step) => step === 1 });
    expect(await driveSteps(createScheduler(chain, options), steps)).toEqual({ type: 'done' });
    expect(steps.started).toEqual([0, 2]);
  });

  it("takes what is thrown on arrival as that step's failure", async () => {
    const error = new Error('not JSON');
    const steps = driver({
      arrive: (step) => {
        if (step === 1) throw error;
        return true;
      },
    });
    expect(await driveSteps(createScheduler(chain, options), steps)).toEqual({ type: 'failed', step: 1, error });
    expect(steps.started).toEqual([]);
  });

  it('goes through thousands of steps that are done on arrival without deep recursion', async () => {
    const names = Array.from({ length: 20_000 }, (_, at) => `s${at}`);
    const graph = createStepGraph(names.map((name, at) => ({ name, needs: names.slice(at - 1, at) })));
    const none = names.map(() => 1);
    const end = driveSteps(
      createScheduler(graph, { concurrency: 1, weights: none, slots: none }),
      driver({ arrive: () => true }),
    );
    expect(await end).toEqual({ type: 'done' });
  });

  it('lets what was started go on while thousands of others arrive', async () => {
    const steps = Array.from({ length: 5_000 }, (_, at) => ({ name: `s${at}`, needs: [] }));
    const ones = steps.map(() => 1);
    let arrived = 0;
    let whenDone = 0;
    const end = driveSteps(
      createScheduler(createStepGraph(steps), { concurrency: 1, weights: ones, slots: ones }),
      driver({
        arrive: (step) => {
          arrived++;
          return step !== 0;
        },
        start: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          whenDone = arrived;
        },
      }),
    );
    expect(await end).toEqual({ type: 'done' });
    expect(arrived).toBe(5_000);
    expect(whenDone).toBeGreaterThan(0);
    expect(whenDone).toBeLessThan(1_000);
  });

  it('tells of the first failure alone, while the others still run', async () => {
    const wide = createStepGraph(['a', 'b'].map((name) => ({ name, needs: [] })));
    const told: unknown[] = [];
    const second = Promise.withResolvers<void>();
    const steps = driver({
      start: (step) => (step === 0 ? Promise.reject(new Error('first')) : second.promise),
      fail: (step) => {
        told.push(step);
        second.reject(new Error('second'));
      },
    });
    const end = await driveSteps(createScheduler(wide, { ...options, concurrency: 2 }), steps);
    expect(end).toMatchObject({ type: 'failed', step: 0, error: { message: 'first' } });
    expect(told).toEqual([0]);
  });

  it('starts nothing in the slots that come free after a failure', async () => {
    const wide = createStepGraph(['a', 'b', 'c'].map((name) => ({ name, needs: [] })));
    const second = Promise.withResolvers<void>();
    const started: number[] = [];
    const steps = driver({
      start: (step) => {
        started.push(step);
        return step === 0 ? Promise.reject(new Error('first')) : second.promise;
      },
      fail: () => second.resolve(),
    });
    await driveSteps(createScheduler(wide, { ...options, concurrency: 2 }), steps);
    expect(started).toEqual([0, 1]);
  });

  it('is done when the signal aborts after the last step', async () => {
    const controller = new AbortController();
    const steps = driver({
      signal: controller.signal,
      start: async (step) => {
        if (step === 2) controller.abort();
      },
    });
    expect(await driveSteps(createScheduler(chain, options), steps)).toEqual({ type: 'done' });
  });
});
