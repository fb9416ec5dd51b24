import type { Answer } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { safeError } from '../protocol/telling-message.ts';
import type { Call } from './call.ts';

/** What becomes of one run of an author's function. */
export interface Run {
  /** `tool "echo"`, as messages name it. */
  readonly what: string;
  readonly call: Call;
  /** Milliseconds. */
  readonly deadline: number;
  readonly done: (value: unknown) => Answer | Promise<Answer>;
  readonly failed: (error: unknown) => Answer;
  readonly timedOut: () => Answer;
}

/**
 * Runs an author's function to an answer, whatever it does: returns, throws, never settles, or goes on after its time
 * is over. Nothing is made for a handler that returns at once.
 */
export function runHandler(request: Incoming, run: Run, handler: () => unknown): Answer | Promise<Answer> {
  // Whoever asked may have left while code, connectors or a parser took their time.
  if (request.exchange.cancelled) return undefined;
  let value: unknown;
  try {
    value = handler();
    // To ask for `then` is to run code of the author's, where the value is a proxy or has a getter.
    if (isThenable(value)) return settle(request, run, value);
  } catch (error) {
    run.call.finish();
    return run.failed(safeError(error));
  }
  run.call.finish();
  return run.done(value);
}

function settle(request: Incoming, run: Run, value: PromiseLike<unknown>): Promise<Answer> {
  const { exchange, server } = request;
  return new Promise((resolve, reject) => {
    let over = false;
    const end = (answer: Answer | Promise<Answer>): void => {
      over = true;
      exchange.cancel = undefined;
      clearTimeout(timer);
      run.call.finish();
      resolve(answer);
    };
    const expire = (): void => {
      run.call.abort();
      end(run.timedOut());
    };
    let timer = run.call.isWaiting ? undefined : setTimeout(expire, run.deadline);
    run.call.onWait = (waiting) => {
      clearTimeout(timer);
      if (!waiting && !over) timer = setTimeout(expire, run.deadline);
    };
    exchange.cancel = () => {
      run.call.abort();
      end(undefined);
    };
    const finished = (result: unknown): void => {
      if (!over) end(run.done(result));
    };
    const failed = (thrown: unknown): void => {
      const error = safeError(thrown);
      if (over) server.onEvent?.({ type: 'late-failure', what: run.what, error });
      else end(run.failed(error));
    };
    value.then(orReject(finished, reject), orReject(failed, reject));
  });
}

/** What fails in telling of a result or a failure fails the request, which would wait for ever otherwise. */
function orReject(step: (value: unknown) => void, reject: (error: unknown) => void): (value: unknown) => void {
  return (value) => {
    try {
      step(value);
    } catch (error) {
      reject(error);
    }
  };
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** `30 s`, `1.5 s`, `200 ms`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`;
}
