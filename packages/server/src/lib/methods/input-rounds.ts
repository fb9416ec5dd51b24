import type { Ask } from '../calls/call.ts';
import type { ClientFeature } from '../catalogue/manifest.ts';
import { type Answer, quote, refuse, resultHead } from '../protocol/answer.ts';
import { isClientResult } from '../protocol/client-results.ts';
import type { ClientRequest } from '../protocol/exchange.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { type Fields, isFields } from '../protocol/message.ts';
import { INVALID_PARAMS, MISSING_CLIENT_CAPABILITY } from '../protocol/protocol.ts';
import { UNLISTED } from './ask-client.ts';
import { RequestState } from './request-state.ts';

/**
 * Runs a handler that asks its client, in revision 2026-07-28 ("Multi Round-Trip Requests"). Each round is a request of
 * its own: the handler runs from its beginning, questions whose answers the client brought are answered at once, and
 * the first ones without an answer end the round. What earlier rounds learned travels in `requestState`, signed.
 */
export async function runRounds(
  request: Incoming,
  uses: readonly ClientFeature[],
  execute: (ask: Ask) => Answer | Promise<Answer>,
): Promise<Answer> {
  const state = new RequestState(request);
  const answers = collectAnswers(request, state);
  if (!(answers instanceof Map)) return answers;
  const questions = new Map<string, ClientRequest>();
  const counts = new Map<ClientFeature, number>();
  return new Promise((resolve, reject) => {
    const ask: Ask = (question) => {
      const { feature, method } = question;
      if (!uses.includes(feature)) return UNLISTED(question);
      const count = (counts.get(feature) ?? 0) + 1;
      counts.set(feature, count);
      const key = question.key ?? `${feature}-${count}`;
      const known = answers.get(key);
      if (known !== undefined && isClientResult(method, known)) return Promise.resolve(known);
      // Questions asked side by side go out together: the round ends when the handler has come to rest.
      if (questions.size === 0) setImmediate(() => endRound({ request, questions, answers, state }, resolve));
      questions.set(key, question);
      return new Promise(() => {});
    };
    Promise.resolve(execute(ask)).then(resolve, reject);
  });
}

interface Round {
  readonly request: Incoming;
  readonly questions: ReadonlyMap<string, ClientRequest>;
  readonly answers: ReadonlyMap<string, Fields>;
  readonly state: RequestState;
}

/** The handler stays where it waits, for good: its signal aborts, and the next round runs it anew. */
function endRound(round: Round, resolve: (answer: Answer) => void): void {
  resolve(inputRequired(round));
  round.request.exchange.cancel?.();
}

/** What the client brought: answers of this round over those that it carries from earlier ones. */
function collectAnswers(request: Incoming, state: RequestState): Map<string, Fields> | Answer {
  const { id, params } = request;
  const { inputResponses, requestState } = params;
  const answers = new Map<string, Fields>();
  if (requestState !== undefined) {
    const carried = typeof requestState === 'string' ? state.open(requestState) : undefined;
    if (carried === undefined)
      return refuse(id, 200, INVALID_PARAMS, 'Invalid params: "requestState" is not valid for this request');
    for (const [key, value] of Object.entries(carried)) if (isFields(value)) answers.set(key, value);
  }
  if (inputResponses === undefined) return answers;
  if (!isFields(inputResponses))
    return refuse(id, 200, INVALID_PARAMS, 'Invalid params: "inputResponses" must be an object');
  for (const [key, value] of Object.entries(inputResponses)) {
    if (!isFields(value)) {
      return refuse(id, 200, INVALID_PARAMS, `Invalid params: input response ${quote(key)} must be an object`);
    }
    answers.set(key, value);
  }
  return answers;
}

function inputRequired({ request, questions, answers, state }: Round): Answer {
  const missing = missingCapabilities(request, questions);
  if (missing !== undefined) {
    const names = Object.keys(missing).join(', ');
    return refuse(request.id, 400, MISSING_CLIENT_CAPABILITY, `Missing client capability: ${names}`, {
      requiredCapabilities: missing,
    });
  }
  const inputRequests = Object.fromEntries(
    [...questions].map(([key, { method, params }]) => [key, params === undefined ? { method } : { method, params }]),
  );
  const result = { inputRequests, requestState: state.seal(Object.fromEntries(answers)) };
  const tail = request.resultTail.replace('"resultType":"complete"', '"resultType":"input_required"');
  return `${resultHead(request.id)}${JSON.stringify(result).slice(0, -1)}${tail}}`;
}

type Capabilities = { [name: string]: { [mode: string]: Record<string, never> } };

function missingCapabilities(
  { capabilities }: Incoming,
  questions: ReadonlyMap<string, ClientRequest>,
): Capabilities | undefined {
  const missing: Capabilities = {};
  for (const { feature, params } of questions.values()) {
    const declared = capabilities[feature];
    if (!isFields(declared)) missing[feature] = {};
    else if (params?.mode === 'url' && declared.url === undefined) missing[feature] = { url: {} };
  }
  return Object.keys(missing).length === 0 ? undefined : missing;
}
