import type { Ask } from '../calls/call.ts';
import type { ClientFeature } from '../catalogue/manifest.ts';
import type { Answer } from '../protocol/answer.ts';
import type { Incoming } from '../protocol/incoming.ts';
import { type Fields, isFields } from '../protocol/message.ts';

/**
 * Runs a handler with a way to ask its client: in revision 2026-07-28 by being run again with the client's answers, in
 * the 2025 era over the stream of its session. The former is code that few calls need, so it comes when it is needed.
 */
export function withAsk(
  request: Incoming,
  uses: readonly ClientFeature[],
  execute: (ask: Ask) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  if (!request.modern) return execute(askBySession(request, uses));
  if (uses.length === 0 && !carriesAnswers(request.params)) return execute(UNLISTED);
  return runInRounds(request, uses, execute);
}

async function runInRounds(
  request: Incoming,
  uses: readonly ClientFeature[],
  execute: (ask: Ask) => Answer | Promise<Answer>,
): Promise<Answer> {
  const { runRounds } = await import('../rare-features.ts');
  return runRounds(request, uses, execute);
}

function carriesAnswers(params: Fields): boolean {
  return params.inputResponses !== undefined || params.requestState !== undefined;
}

function askBySession({ exchange, capabilities }: Incoming, uses: readonly ClientFeature[]): Ask {
  return async (question) => {
    const { feature } = question;
    if (!uses.includes(feature)) return UNLISTED(question);
    if (!isFields(capabilities[feature])) throw new Error(`the client does not support ${feature}`);
    if (exchange.ask === undefined) {
      throw new Error(`asking the client for ${feature} needs a session, "text/event-stream" in Accept, and no batch`);
    }
    return exchange.ask(question);
  };
}

/** Sessions and rounds are there for who says that it asks. */
export const UNLISTED: Ask = async ({ feature }) => {
  throw new Error(`asking the client needs "${feature}" in "uses"`);
};
