import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withLimit } from './with-limit.ts';

interface Call {
  readonly name: string;
  readonly finish: () => void;
  readonly finished: Promise<string>;
}

function setUp(options: { concurrency: number; queue: number }) {
  const started: Call[] = [];
  const limited = withLimit((name: string) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    started.push({ name, finish: () => resolve(name), finished: promise });
    return promise;
  }, options);
  return { started, call: (name: string, signal = new AbortController().signal) => limited(name, { signal }) };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('withLimit', () => {
  it('runs as many as allowed, lets as many wait, and refuses the next at once', async () => {
    const { started, call } = setUp({ concurrency: 2, queue: 1 });
    const first = call('a');
    void call('b');
    const waiting = call('c');
    await expect(call('d')).rejects.toMatchObject({ code: 'QUEUE_FULL', facts: { concurrency: 2, queue: 1 } });
    expect(started.map(({ name }) => name)).toEqual(['a', 'b']);
    started[0]?.finish();
    await first;
    await settle();
    expect(started.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    started[2]?.finish();
    expect(await waiting).toBe('c');
  });

  it('never starts a waiting call whose signal aborts, and gives its place to another', async () => {
    const { started, call } = setUp({ concurrency: 1, queue: 1 });
    const running = call('a');
    const controller = new AbortController();
    const gone = call('b', controller.signal);
    controller.abort(new Error('left'));
    await expect(gone).rejects.toThrow('left');
    const next = call('c');
    started[0]?.finish();
    await running;
    await settle();
    expect(started.map(({ name }) => name)).toEqual(['a', 'c']);
    started[1]?.finish();
    await next;
  });

  it('does not start a call whose signal aborts just as its turn comes', async () => {
    const { started, call } = setUp({ concurrency: 1, queue: 2 });
    const controller = new AbortController();
    const running = call('a');
    started[0]?.finished.then(() => controller.abort(new Error('left'))); // after the place was passed on
    const gone = call('b', controller.signal);
    const next = call('c');
    started[0]?.finish();
    await running;
    await expect(gone).rejects.toThrow('left');
    await settle();
    expect(started.map(({ name }) => name)).toEqual(['a', 'c']);
    started[1]?.finish();
    await next;
  });

  it('frees the place of a call that fails', async () => {
    const limited = withLimit(
      (fail: boolean) => {
        if (fail) throw new Error('failed');
        return 'fine';
      },
      { concurrency: 1, queue: 0 },
    );
    const { signal } = new AbortController();
    await expect(limited(true, { signal })).rejects.toThrow('failed');
    expect(await limited(false, { signal })).toBe('fine');
  });

  it('never exceeds its limits and starts in order, whatever comes and goes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        fc.array(fc.constantFrom('call', 'finish', 'leave'), { maxLength: 40 }),
        async (concurrency, queue, steps) => {
          const { started, call } = setUp({ concurrency, queue });
          const waiting: Array<{ readonly name: string; readonly leave: () => void }> = [];
          const expected: string[] = []; // the oracle: a plain list of who should have started
          let running = 0;
          for (const [index, step] of steps.entries()) {
            const name = String(index);
            if (step === 'call') {
              const controller = new AbortController();
              const outcome = Promise.resolve(call(name, controller.signal)).catch((error: Error) => error);
              if (running < concurrency) {
                running += 1;
                expected.push(name);
              } else if (waiting.length < queue) waiting.push({ name, leave: () => controller.abort() });
              else expect(await outcome).toMatchObject({ code: 'QUEUE_FULL' });
            } else if (step === 'leave') waiting.pop()?.leave();
            else if (running > 0) {
              started[expected.length - running]?.finish();
              const next = waiting.shift();
              if (next === undefined) running -= 1;
              else expected.push(next.name);
            }
            await settle();
            expect(started.map((one) => one.name)).toEqual(expected);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    { concurrency: 0, queue: 1 },
    { concurrency: 1, queue: -1 },
    { concurrency: Number.NaN, queue: 1 },
  ])('refuses %o', (options) => {
    expect(() => withLimit(() => 1, options)).toThrow(RangeError);
  });
});
