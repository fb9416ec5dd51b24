import { deriveContext } from './derive-context.ts';
import { deadlineExceeded } from './errors.ts';
import type { Handler, HandlerContext } from './handler.ts';

export interface DeadlineOptions {
  /** How long a call may take, below 2^31. */
  readonly milliseconds: number;
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Rejects a call with `DEADLINE_EXCEEDED` when it takes too long, and aborts the handler's signal. A handler that answers
 * without a promise costs neither a timer nor a listener.
 */
export function withDeadline<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  { milliseconds, now = () => performance.now() }: DeadlineOptions,
): Handler<Input, Output, Context> {
  if (!(milliseconds > 0 && milliseconds < 2 ** 31)) {
    throw new RangeError(`Cannot set a deadline: "milliseconds" is ${milliseconds}`); // a timer takes more than that for 1
  }

  return (input, context) => {
    const controller = new AbortController();
    const { signal } = context;
    if (signal.aborted) controller.abort(signal.reason);
    const started = now();
    const answer = handler(input, deriveContext(context, controller.signal));
    if (!isPromise(answer)) return answer;
    const spent = now() - started;
    return settleInTime(answer, { signal, controller, milliseconds, spent });
  };
}

interface Race {
  readonly signal: AbortSignal;
  readonly controller: AbortController;
  readonly milliseconds: number;
  /** Milliseconds that are gone already. */
  readonly spent: number;
}

function settleInTime<Output>(
  answer: Promise<Output>,
  { signal, controller, milliseconds, spent }: Race,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const follow = () => controller.abort(signal.reason);
    const release = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', follow);
    };
    const onDeadline = () => {
      const error = deadlineExceeded(milliseconds);
      reject(error);
      release();
      controller.abort(error);
    };
    const timer = setTimeout(onDeadline, Math.max(1, Math.ceil(milliseconds - spent)));
    if (signal.aborted) follow();
    else signal.addEventListener('abort', follow, { once: true });
    answer.then(
      (output) => {
        release();
        resolve(output);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
