import type { Handler } from '@mcpgen/server-runtime-perf';
import type { Answer } from './answer.ts';
import { UNLISTED } from './ask-client.ts';
import { Call } from './call.ts';
import type { ToolCall } from './catalogue.ts';
import type { Caller } from './define.ts';
import type { Exchange } from './exchange.ts';
import type { JsonObject } from './json.ts';
import type { Lifetime } from './lifetime.ts';
import { isFields } from './message.ts';
import { runHandler } from './run-handler.ts';
import { resultMessage, toolRun } from './tool-answer.ts';

/** One call whose answer may come from another's run. */
export interface SharedCall {
  /** Calls with the same key may have the same answer. */
  readonly key: string;
  readonly scope: 'public' | 'user';
  readonly call: ToolCall;
  readonly input: unknown;
}

/** A call while its caller waits. */
interface WaitingCall extends SharedCall {
  readonly waits: AbortSignal;
}

/** From a call to the JSON of its result. */
export type SharedRun = Handler<WaitingCall, string, RunContext>;

export interface RunContext {
  /** In `answerShared` of the caller, in `runShared` of all who wait for the run. */
  readonly signal: AbortSignal;
  /** Shared by copies of the context, so that what a run finds out reaches whoever decides if it is kept. */
  readonly outcome: { keep: boolean };
}

/** Answers one caller, for as long as that one waits: by its own deadline, to its own id. */
export function answerShared(lookUp: SharedRun, shared: SharedCall): Answer | Promise<Answer> {
  const { request, clients } = shared.call;
  const own = new Call(request, clients, UNLISTED);
  const { signal } = own;
  const run = {
    ...toolRun(shared.call, own, resultMessage),
    done: (result: unknown) => resultMessage(request, String(result)),
  };
  return runHandler(request, run, async () => {
    try {
      return await lookUp({ ...shared, waits: signal }, { signal, outcome: { keep: false } });
    } catch (error) {
      if (!signal.aborted) throw error;
      return ''; // the caller has left, and nobody hears this
    }
  });
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
  const run = toolRun(call, context, (_request, result) => result);
  const result = await runHandler(request, run, () => call.loaded.handler(input, context));
  if (typeof result !== 'string') return ''; // all have left
  outcome.keep = !exchange.told && !saysError(result);
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
    if (!this.#waiting.waits.aborted) this.#waiting.call.request.exchange.notify(json);
  }
}

function saysError(result: string): boolean {
  const parsed: unknown = JSON.parse(result);
  return isFields(parsed) && parsed.isError === true;
}
