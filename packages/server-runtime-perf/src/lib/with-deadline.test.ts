import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withDeadline } from './with-deadline.ts';

const context = () => ({ signal: new AbortController().signal });
const never = () => new Promise<never>(() => {});

describe('withDeadline', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('rejects with DEADLINE_EXCEEDED when the handler takes too long, and not before', async () => {
    const outcome = vi.fn();
    const handler = withDeadline(never, { milliseconds: 1000 });
    Promise.resolve(handler(undefined, context())).catch(outcome);
    await vi.advanceTimersByTimeAsync(999);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toHaveBeenCalledWith(
      expect.objectContaining({ code: 'DEADLINE_EXCEEDED', message: 'Call timed out: no result after 1 s' }),
    );
  });

  it('aborts the signal of the handler with the same error', async () => {
    let seen: AbortSignal | undefined;
    const handler = withDeadline(
      (_: undefined, { signal }) => {
        seen = signal;
        return never();
      },
      { milliseconds: 5 },
    );
    const outcome = Promise.resolve(handler(undefined, context())).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5);
    expect(seen?.reason).toBe(await outcome);
  });

  it('leaves no timer and no listener behind, whichever way a call ends', async () => {
    const outer = context();
    const read = (then: () => Promise<number>) =>
      withDeadline((_: undefined, { signal }) => (signal.aborted ? 0 : then()), { milliseconds: 50 });
    await read(async () => 1)(undefined, outer);
    await expect(
      read(async () => {
        throw new Error('failed');
      })(undefined, outer),
    ).rejects.toThrow('failed');
    const late = Promise.resolve(read(never)(undefined, outer)).catch(() => {});
    await vi.advanceTimersByTimeAsync(50);
    await late;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
  });

  it('sets no timer for a handler that answers at once', () => {
    const handler = withDeadline((input: number) => input + 1, { milliseconds: 50 });
    expect(handler(1, context())).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets a handler that throws at once throw, and leaves nothing behind', () => {
    const outer = context();
    const handler = withDeadline(
      (_: undefined, { signal }) => {
        throw new Error(`aborted: ${signal.aborted}`);
      },
      { milliseconds: 50 },
    );
    expect(() => handler(undefined, outer)).toThrow('aborted: false');
    expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
  });

  it('counts the time before the first await', async () => {
    let present = 0;
    const handler = withDeadline(
      () => {
        present += 80;
        return never();
      },
      { milliseconds: 100, now: () => present },
    );
    const outcome = vi.fn();
    Promise.resolve(handler(undefined, context())).catch(outcome);
    await vi.advanceTimersByTimeAsync(20);
    expect(outcome).toHaveBeenCalledOnce();
  });

  it('passes an abort of the caller on to the handler', async () => {
    const controller = new AbortController();
    const handler = withDeadline(
      (_: undefined, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      { milliseconds: 50 },
    );
    const outcome = handler(undefined, { signal: controller.signal });
    controller.abort(new Error('left'));
    await expect(outcome).rejects.toThrow('left');
  });

  it('hands on the rest of the context: the fields of an object, the methods of an instance', async () => {
    class Session {
      readonly signal = new AbortController().signal;
      name() {
        return 'session';
      }
    }
    const plain = withDeadline((_: undefined, { ...rest }: { signal: AbortSignal; user: string }) => rest.user, {
      milliseconds: 5,
    });
    const instance = withDeadline((_: undefined, session: Session) => session.name(), { milliseconds: 5 });
    expect(await plain(undefined, { ...context(), user: 'ada' })).toBe('ada');
    expect(await instance(undefined, new Session())).toBe('session');
  });

  it.each([0, -1, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY])('refuses %s milliseconds', (milliseconds) => {
    expect(() => withDeadline(never, { milliseconds })).toThrow(RangeError);
  });
});
