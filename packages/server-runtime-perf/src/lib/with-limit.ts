import { createGate, type GateOptions } from './gate.ts';
import type { Handler, HandlerContext } from './handler.ts';

/**
 * Runs at most `concurrency` calls at once and lets at most `queue` wait; further calls reject with `QUEUE_FULL` at once,
 * which is kinder to a client than a timeout. A waiting call whose signal aborts never starts.
 */
export function withLimit<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  options: GateOptions,
): Handler<Input, Output, Context> {
  const gate = createGate(options);
  return async (input, context) => {
    if (!gate.tryEnter()) await gate.enter(context.signal);
    try {
      context.signal.throwIfAborted(); // it may have aborted just as the place became free
      return await handler(input, context);
    } finally {
      gate.leave();
    }
  };
}
