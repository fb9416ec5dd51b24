import type { BuildCache } from '@mcpgen/build-cache';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkshop, outcomes, type Workshop } from '../../test/workshop.ts';
import type { BuildError } from './errors.ts';
import type { BuildEvent, StepContext } from './step.ts';

let shop: Workshop;

beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop[Symbol.asyncDispose]());

/** A step's work that the test lets end, and that knows when it has begun. */
function gate() {
  const begun = Promise.withResolvers<StepContext>();
  const end = Promise.withResolvers<void>();
  const work = (context: StepContext) => {
    begun.resolve(context);
    return end.promise;
  };
  return { work, begun: begun.promise, end: end.resolve, fail: end.reject };
}

async function failureOf(build: Promise<unknown>): Promise<BuildError> {
  return build.then(
    () => {
      throw new Error('the build did not fail');
    },
    (error) => error,
  );
}

describe('runPlan, in parallel', () => {
  it('runs as many steps at once as there are slots, and those of no slots besides', async () => {
    const gates = ['a', 'b', 'c', 'd'].map((name) => ({ name, ...gate() }));
    const steps = gates.map(({ name, work }) => shop.step(name, { work, ...(name === 'd' && { slots: 0 }) }));
    const building = shop.build(steps, { concurrency: 2 });
    await Promise.all([gates[0]?.begun, gates[1]?.begun, gates[3]?.begun]);
    expect(shop.takeRan().toSorted()).toEqual(['a', 'b', 'd']);
    gates[1]?.end();
    await gates[2]?.begun;
    expect(shop.takeRan()).toEqual(['c']);
    for (const { end } of gates) end();
    await building;
  });

  it('starts a step as soon as its own needs are done, not those of others', async () => {
    const slow = gate();
    const steps = [shop.step('slow', slow), shop.step('quick'), shop.step('after quick', { needs: ['quick'] })];
    const building = shop.build(steps, {
      onEvent: (event) => {
        if (event.type === 'finished' && event.report.name === 'after quick') slow.end();
      },
    });
    expect(outcomes(await building)).toEqual({ slow: 'ran', quick: 'ran', 'after quick': 'ran' });
  });
});

describe('runPlan, when a step fails', () => {
  it('throws the first failure with the name of the step, and the cause', async () => {
    const cause = Object.assign(new Error('no such module'), { hint: 'Install it.' });
    const error = await failureOf(shop.build([shop.step('a', { work: () => Promise.reject(cause) })]));
    expect(error).toMatchObject({
      code: 'STEP_FAILED',
      step: 'a',
      steps: ['a'],
      message: 'Cannot build "a": no such module',
      hint: 'Install it.',
      cause,
    });
    expect(shop.events.ofType('failed')).toEqual([{ type: 'failed', step: 'a', error: cause }]);
  });

  it('aborts the others, waits for their end, and starts nothing more', async () => {
    const [failing, running] = [gate(), gate()];
    const steps = [
      shop.step('failing', failing),
      shop.step('running', running),
      shop.step('waiting'),
      shop.step('dependent', { needs: ['running'] }),
    ];
    let over = false;
    const failed = failureOf(shop.build(steps)).finally(() => {
      over = true;
    });
    const { signal } = await running.begun;
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    failing.fail(new Error('first'));
    await aborted;
    await new Promise(setImmediate);
    expect(over).toBe(false);
    running.fail(new Error('second'));
    expect((await failed).message).toBe('Cannot build "failing": first');
    expect(shop.takeRan().toSorted()).toEqual(['failing', 'running']);
    expect(shop.events.ofType('failed')).toHaveLength(1);
  });

  it('neither looks for nor runs a step whose turn comes after the failure', async () => {
    const failed = Promise.withResolvers<void>();
    const asked: (string | undefined)[] = [];
    const cache: BuildCache = {
      ...shop.cache,
      lookup: async (_, step) => {
        asked.push(step);
        if (step === 'slow to find') await failed.promise;
        return undefined;
      },
    };
    const steps = ['failing', 'slow to find', 'behind it'].map((name) =>
      shop.step(name, { slots: 0, ...(name === 'failing' && { work: () => Promise.reject(new Error('no')) }) }),
    );
    const onEvent = (event: BuildEvent) => event.type === 'failed' && failed.resolve();
    expect((await failureOf(shop.build(steps, { cache, concurrency: 1, onEvent }))).steps).toEqual(['failing']);
    expect(asked).toEqual(['failing', 'slow to find']);
    expect(shop.takeRan()).toEqual(['failing']);
  });

  it('does not keep what a step gives after it was aborted', async () => {
    const [failing, running] = [gate(), gate()];
    const steps = [shop.step('failing', failing), shop.step('running', running)];
    const failed = failureOf(shop.build(steps));
    const { signal } = await running.begun;
    signal.addEventListener('abort', () => running.end());
    failing.fail(new Error('first'));
    expect((await failed).state?.has('running')).toBe(false);
    shop.state = (await failed).state ?? new Map();
    const retry = await shop.build([shop.step('failing'), shop.step('running')]);
    expect(outcomes(retry)).toEqual({ failing: 'ran', running: 'ran' });
  });

  it('carries the state of what was done, so that the next build goes on from there', async () => {
    const steps = (broken: boolean) => [
      shop.step('kept', { sources: { a: '1' }, cache: 'off' }),
      shop.step('made', { options: { broken } }),
      shop.step('broken', { needs: ['made'], ...(broken && { work: () => Promise.reject(new Error('no')) }) }),
      shop.step('never reached', { needs: ['broken'] }),
    ];
    await shop.build(steps(false));
    const before = shop.state;
    const { state } = await failureOf(shop.build(steps(true), { force: true }));
    expect([...(state?.keys() ?? [])]).toEqual(['kept', 'made', 'broken', 'never reached']);
    expect(state?.get('made')).not.toBe(before.get('made'));
    expect(state?.get('never reached')).toBe(before.get('never reached'));
  });

  it('leaves what a step had written under another name, for what still names it', async () => {
    const checked = (edition: string, work?: () => Promise<never>) => [
      shop.step('layer', { options: { edition }, files: { [edition]: 'blob' } }),
      shop.step('check', { options: { edition }, after: ['layer'], files: {}, ...(work && { work }) }),
      shop.step('index', { needs: ['layer'], after: ['check'], files: { index: edition } }),
    ];
    await shop.build(checked('first'));
    const before = await shop.files();
    const { state } = await failureOf(shop.build(checked('second', () => Promise.reject(new Error('no')))));
    expect(await shop.files()).toEqual(before);
    shop.state = state ?? new Map();
    expect(outcomes(await shop.build(checked('third')))).toMatchObject({ layer: 'ran', index: 'ran' });
    expect(await shop.files()).toEqual({ third: 'blob', index: 'third' });
  });

  it('leaves all that a step may have named that was running', async () => {
    const steps = (edition: string, work?: () => Promise<never>) => [
      shop.step('layer', { options: { edition }, files: { [edition]: 'blob' } }),
      shop.step('index', { needs: ['layer'], files: { index: edition }, ...(work && { work }) }),
    ];
    await shop.build(steps('first'));
    const { state } = await failureOf(shop.build(steps('second', () => Promise.reject(new Error('no')))));
    expect(await shop.files()).toEqual({ first: 'blob', second: 'blob', index: 'first' });
    shop.state = state ?? new Map();
    expect(outcomes(await shop.build(steps('second')))).toEqual({ layer: 'restored', index: 'ran' });
    expect(await shop.files()).toEqual({ second: 'blob', index: 'second' });
  });

  it('fails when a step names a file that it did not write', async () => {
    const step = shop.step('a');
    const liar = { ...step, run: async () => ({ files: ['ghost.js'] }) };
    const error = await failureOf(shop.build([liar]));
    expect(error).toMatchObject({ code: 'STEP_FAILED', steps: ['a'], cause: { code: 'OUTPUT_UNREADABLE' } });
  });

  it.each([
    ['longer', 'other length'],
    ['as long', 'y'],
  ])('fails when two steps write one file, the second %s, naming both', async (_, content) => {
    const steps = [
      shop.step('a', { files: { 'main.js': content }, needs: ['b'] }),
      shop.step('b', { files: { 'main.js': 'x' } }),
    ];
    const error = await failureOf(shop.build(steps));
    expect(error).toMatchObject({ steps: ['a'], cause: { code: 'STEP_OUTPUT_CONFLICT', steps: ['a', 'b'] } });
  });

  it('fails when a step writes another size of what a fresh step wrote', async () => {
    const fresh = shop.step('fresh', { files: { 'main.js': 'x' } });
    await shop.build([fresh]);
    const error = await failureOf(shop.build([fresh, shop.step('new', { files: { 'main.js': 'longer' } })]));
    expect(error).toMatchObject({ steps: ['new'], cause: { steps: ['fresh', 'new'] } });
  });

  it('lets two steps write one file with the same content', async () => {
    const files = { 'blobs/sha256/aa': 'layer' };
    await shop.build([shop.step('a', { files }), shop.step('b', { files, needs: ['a'] })]);
    await shop.build([shop.step('b', { files })]);
    expect(await shop.files()).toMatchObject(files);
  });

  it('fails with the step whose options cannot be part of a key', async () => {
    const error = await failureOf(shop.build([shop.step('a', { options: { when: new Date(0) } })]));
    expect(error).toMatchObject({ code: 'STEP_FAILED', steps: ['a'] });
  });
});

describe('runPlan, when it is cancelled', () => {
  it('ends the running steps, and says that it was cancelled rather than that they failed', async () => {
    const controller = new AbortController();
    const running = gate();
    const failed = failureOf(
      shop.build([shop.step('a', running), shop.step('b', { needs: ['a'] })], { signal: controller.signal }),
    );
    const { signal } = await running.begun;
    signal.addEventListener('abort', () => running.fail(signal.reason));
    controller.abort(new Error('Ctrl-C'));
    expect(await failed).toMatchObject({ code: 'BUILD_CANCELLED', cause: { message: 'Ctrl-C' } });
    expect(shop.events.ofType('failed')).toEqual([]);
    expect(shop.takeRan()).toEqual(['a']);
  });

  it('starts nothing when it is cancelled from the start', async () => {
    const error = await failureOf(shop.build([shop.step('a')], { signal: AbortSignal.abort() }));
    expect(error.code).toBe('BUILD_CANCELLED');
    expect(shop.takeRan()).toEqual([]);
  });
});
