import { deriveContext } from './derive-context.ts';
import { deadlineExceeded } from './errors.ts';
import type { Handler, HandlerContext } from './handler.ts';
import { linkAbort } from './linked-abort.ts';

export interface DeadlineOptions {
  /** How long a call may take. */
  readonly milliseconds: number;
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Rejects a call with `DEADLINE_EXCEEDED` when it takes too long, and aborts the handler's signal. A handler that answers
 * without a promise costs no timer, and one that never reads its signal costs no `AbortController`.
 */
export function withDeadline<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  { milliseconds, now = () => performance.now() }: DeadlineOptions,
): Handler<Input, Output, Context> {
  if (!(milliseconds > 0)) throw new RangeError(`Cannot set a deadline: "milliseconds" is ${milliseconds}`);

  return (input, context) => {
    const link = linkAbort(context.signal);
    const started = now();
    const answer = callAndRelease(handler, input, deriveContext(context, link.signal), link.release);
    if (!isPromise(answer)) return answer;
    return new Promise<Output>((resolve, reject) => {
      const remaining = Math.max(1, Math.ceil(milliseconds - (now() - started)));
      const timer = setTimeout(() => {
        const error = deadlineExceeded(milliseconds);
        reject(error);
        link.abort(error);
        link.release();
      }, remaining);
      const settle = () => {
        clearTimeout(timer);
        link.release();
      };
      answer.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          reject(error);
        },
      );
    });
  };
}

function callAndRelease<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  input: Input,
  context: Context,
  release: () => void,
): Output | Promise<Output> {
  let answer: Output | Promise<Output> | undefined;
  try {
    answer = handler(input, context);
    return answer;
  } finally {
    if (!isPromise(answer)) release();
  }
}

function isPromise<T>(value: T | Promise<T> | undefined): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
