import { type Answer, refuse } from './answer.ts';
import type { Incoming } from './incoming.ts';
import { INTERNAL_ERROR } from './protocol.ts';
import { isThenable } from './run-handler.ts';

/** Runs a method to an answer: what goes wrong in this package is told to the operator, and in one sentence to the client. */
export function runMethod(
  request: Incoming,
  method: (request: Incoming) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  try {
    const answer = method(request);
    return isThenable(answer) ? answer.catch((error: unknown) => internalError(request, error)) : answer;
  } catch (error) {
    return internalError(request, error);
  }
}

function internalError({ id, method, server }: Incoming, error: unknown): Answer {
  server.onEvent?.({ type: 'handler-failed', what: `"${method}"`, error });
  return refuse(id, 500, INTERNAL_ERROR, 'Internal error: the server knows why');
}
