import type { Handler } from '@mcpgen/server-runtime-perf';
import type { Caller } from '../authoring/define.ts';
import { Call } from '../calls/call.ts';
import { runHandler } from '../calls/run-handler.ts';
import type { ToolCall } from '../catalogue/catalogue.ts';
import { UNLISTED } from '../methods/ask-client.ts';
import type { Answer } from '../protocol/answer.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { Lifetime } from '../protocol/lifetime.ts';
import { isFields } from '../protocol/message.ts';
import { resultMessage, toolRun } from '../results/tool-answer.ts';

/** One call whose answer may come from another's run. */
export interface SharedCall {
  /** Calls with the same key may have the same answer. */
  readonly key: string;
  readonly scope: 'public' | 'user';
  readonly call: ToolCall;
  readonly input: unknown;
}

/** A call while its caller waits. */
export interface WaitingCall extends SharedCall {
  /** Absent where nobody waits: the run renews a result in the background. */
  readonly own: Call | undefined;
}

/** From a call to the JSON of its result. */
export type SharedRun = Handler<WaitingCall, string, RunContext>;

export interface RunContext {
  /** In `answerShared` of the caller, in `runShared` of all who wait for the run. */
  readonly signal: AbortSignal;
  /** Shared by copies of the context, so that what a run finds out reaches whoever decides if it is kept. */
  readonly outcome: { keep: boolean; failed: boolean };
}

/** Has its signal made only if somebody listens: an answer from memory waits for nothing. */
class CallerContext implements RunContext {
  readonly outcome = { keep: false, failed: false };
  readonly #own: Call;

  constructor(own: Call) {
    this.#own = own;
  }

  get signal(): AbortSignal {
    return this.#own.signal;
  }
}

/** Answers one caller, for as long as that one waits: by its own deadline, to its own id. */
export function answerShared(lookUp: SharedRun, shared: SharedCall): Answer | Promise<Answer> {
  const { request, clients } = shared.call;
  if (request.exchange.cancelled) return undefined;
  const own = new Call(request, clients, UNLISTED);
  const { key, scope, call, input } = shared;
  const result = lookUp({ key, scope, call, input, own }, new CallerContext(own));
  if (typeof result === 'string') return resultMessage(request, result); // from memory: nobody has waited
  const run = {
    ...toolRun(call, own, resultMessage),
    done: (found: unknown) => resultMessage(request, String(found)),
  };
  return runHandler(request, run, () =>
    result.catch((error: unknown) => {
      if (!own.signal.aborted) throw error;
      return ''; // the caller has left, and nobody hears this
    }),
  );
}

/** Renews a result for which nobody waits. It counts as a call that runs, so that its connectors stay open. */
export async function renewShared(waiting: WaitingCall, context: RunContext): Promise<string> {
  const { calls } = waiting.call.request.server.connections;
  const epoch = calls.enter();
  try {
    return await runShared({ ...waiting, own: undefined }, context);
  } finally {
    calls.leave(epoch);
  }
}

/**
 * Runs the handler for all who wait for its result. It is given what all of them have in common and nothing else, and it
 * has a deadline of its own, for there may always be somebody who came late.
 */
export async function runShared(waiting: WaitingCall, { signal, outcome }: RunContext): Promise<string> {
  const { call, input } = waiting;
  const exchange = new SharedExchange(waiting);
  const request = { ...call.request, exchange, capabilities: {} };
  const context = new SharedContext(request, call.clients, UNLISTED);
  signal.addEventListener('abort', () => exchange.end(), { once: true });
  const run = toolRun({ ...call, request }, context, (_request, result) => result);
  const result = await runHandler(request, run, () => call.loaded.handler(input, context));
  if (typeof result !== 'string') return ''; // all have left
  outcome.keep = !exchange.told && context.isKept;
  outcome.failed = saysError(result);
  return result;
}

/** What the key does not hold, the handler does not see. */
class SharedContext extends Call {
  override get meta(): JsonObject {
    return {};
  }
}

/** Belongs to all who wait; the one who began the run is told of it while that one waits. */
class SharedExchange implements Exchange {
  readonly caller: Caller | undefined;
  readonly lifetime: Lifetime;
  cancel: (() => void) | undefined;
  cancelled = false;
  /** Something went out ahead of the answer, which an answer from the cache would lack. */
  told = false;
  readonly #waiting: WaitingCall;

  constructor(waiting: WaitingCall) {
    const { caller, lifetime } = waiting.call.request.exchange;
    this.caller = waiting.scope === 'public' ? undefined : caller;
    this.lifetime = lifetime;
    this.#waiting = waiting;
  }

  /** Nobody waits any more. */
  end(): void {
    this.cancelled = true;
    this.cancel?.();
  }

  notify(json: string): void {
    this.told = true;
    if (this.#waiting.own?.signal.aborted === false) this.#waiting.call.request.exchange.notify(json);
  }
}

function saysError(result: string): boolean {
  if (!result.includes('"isError":true')) return false;
  const parsed: unknown = JSON.parse(result);
  return isFields(parsed) && parsed.isError === true;
}
