import { isThenable } from '../calls/run-handler.ts';
import type { McpServer } from '../mcp-server.ts';
import { type Answer, type MaybeId, type Refusal, refuse } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { INTERNAL_ERROR } from '../protocol/protocol.ts';
import { StreamedAnswer } from '../protocol/streamed-answer.ts';

/** Runs a method to an answer: what goes wrong in this package is told to the operator, and in one sentence to the client. */
export function runMethod(
  request: Incoming,
  method: (request: Incoming) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  try {
    const answer = method(request);
    return isThenable(answer) ? finish(request, answer) : answer;
  } catch (error) {
    return methodFailed(request, error);
  }
}

/** A request that takes its time counts as running, but for streams, which may last as long as the server. */
function finish(request: Incoming, answer: Promise<Answer>): Promise<Answer> {
  if (request.method === 'subscriptions/listen') {
    return answer.catch((error: unknown) => methodFailed(request, error));
  }
  const { calls } = request.server.connections;
  const epoch = calls.enter();
  return answer.then(
    (ready) => {
      if (ready instanceof StreamedAnswer) ready.ended.then(() => calls.leave(epoch));
      else calls.leave(epoch);
      return ready;
    },
    (error: unknown) => {
      calls.leave(epoch);
      return methodFailed(request, error);
    },
  );
}

function methodFailed({ id, method, server }: Incoming, error: unknown): Answer {
  return internalError(server, { id, what: `"${method}"`, error });
}

interface Failure {
  readonly id: MaybeId;
  /** As messages name it. */
  readonly what: string;
  readonly error: unknown;
}

/** What a client is told when the fault is ours. A listener that fails as well does not keep the client waiting. */
export function internalError({ onEvent }: McpServer, { id, what, error }: Failure): Refusal {
  try {
    onEvent?.({ type: 'handler-failed', what, error });
  } catch {
    // There is nobody left to tell.
  }
  return refuse(id, 500, INTERNAL_ERROR, 'Internal error: the server knows why');
}
