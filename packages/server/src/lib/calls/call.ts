import type { AskOptions, Caller, Context, ElicitRequest, ElicitResult, LogLevel, Root } from '../authoring/define.ts';
import type { ClientFeature } from '../catalogue/manifest.ts';
import { toElicitResult, toRoots, toSample } from '../protocol/client-results.ts';
import type { ClientRequest } from '../protocol/exchange.ts';
import type { Incoming } from '../protocol/incoming.ts';
import type { JsonObject, JsonValue } from '../protocol/json.ts';
import { isFields } from '../protocol/message.ts';
import { PacedReports } from './paced-reports.ts';

const LEVELS: readonly string[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Log messages of one call; what comes after is dropped, as in worker threads. */
const LOG_LIMIT = 1000;

export function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === 'string' && LEVELS.includes(value);
}

/** How a call's questions reach the client: by running the handler again, or over a session's stream. */
export type Ask = (request: ClientRequest) => Promise<unknown>;

/**
 * A handler's context. What most handlers never touch is made when it is touched; functions come from getters, so that
 * they can be taken out of the context.
 */
export class Call implements Omit<Context, 'caller'> {
  readonly connectors: Readonly<Record<string, unknown>>;
  readonly #request: Incoming;
  readonly #ask: Ask;
  /** Told when the handler begins to wait for its client, whose time is not the handler's, and when that is over. */
  onWait: ((waiting: boolean) => void) | undefined;
  /** Whether the result may answer other calls, for all that the handler says. */
  isKept = true;
  #waiting = 0;
  #controller: AbortController | undefined;
  #aborted = false;
  #progress = Number.NEGATIVE_INFINITY;
  #done = false;
  #reports: PacedReports<Record<string, unknown>> | undefined;
  #logs = 0;

  constructor(request: Incoming, connectors: Readonly<Record<string, unknown>>, ask: Ask) {
    this.#request = request;
    this.connectors = connectors;
    this.#ask = ask;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort();
    return this.#controller.signal;
  }

  get caller(): Caller | undefined {
    return this.#request.exchange.caller;
  }

  get meta(): JsonObject {
    const own = Object.entries(this.#request.meta).filter(([key]) => !key.startsWith('io.modelcontextprotocol/'));
    return Object.fromEntries(own) as JsonObject;
  }

  get progress(): Context['progress'] {
    return (progress, options = {}) => {
      const token = this.#request.meta.progressToken;
      if (this.#done || token === undefined || !(progress > this.#progress)) return;
      this.#progress = progress;
      this.#reports ??= new PacedReports((params) => this.#notify('notifications/progress', params));
      this.#reports.add({ progressToken: token, progress, ...options });
    };
  }

  get log(): Context['log'] {
    return (level, data, logger) => {
      const wanted = this.#request.logLevel;
      if (this.#done || wanted === undefined || LEVELS.indexOf(level) < LEVELS.indexOf(wanted)) return;
      if (++this.#logs > LOG_LIMIT) return;
      this.#notify('notifications/message', { level, ...(logger === undefined ? {} : { logger }), data });
    };
  }

  get can(): Context['can'] {
    return (feature) => isFields(this.#request.capabilities[feature]);
  }

  get elicit(): Context['elicit'] {
    return async (request: ElicitRequest, options: AskOptions = {}): Promise<ElicitResult> =>
      toElicitResult(await this.#askFor('elicitation', 'elicitation/create', elicitParams(request), options));
  }

  get sample(): Context['sample'] {
    return async (request: JsonObject, options: AskOptions = {}): Promise<JsonObject> =>
      toSample(await this.#askFor('sampling', 'sampling/createMessage', request, options));
  }

  get roots(): Context['roots'] {
    return async (options: AskOptions = {}): Promise<ReadonlyArray<Root>> =>
      toRoots(await this.#askFor('roots', 'roots/list', undefined, options));
  }

  get listChanged(): Context['listChanged'] {
    return (list) => this.#request.server.announce(list);
  }

  get noStore(): Context['noStore'] {
    return () => {
      this.isKept = false;
    };
  }

  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** The handler's time is over: what it still does goes nowhere. */
  abort(): void {
    this.#done = true;
    this.#reports?.drop();
    this.#aborted = true;
    this.#controller?.abort();
  }

  /** The handler answered. */
  finish(): void {
    if (!this.#done) this.#reports?.flush();
    this.#done = true;
  }

  async #askFor(
    feature: ClientFeature,
    method: ClientRequest['method'],
    params: JsonObject | undefined,
    { key }: AskOptions,
  ): Promise<unknown> {
    if (++this.#waiting === 1) this.onWait?.(true);
    try {
      return await this.#ask({ feature, method, params, key });
    } finally {
      if (--this.#waiting === 0) this.onWait?.(false);
    }
  }

  #notify(method: string, params: Record<string, JsonValue | unknown>): void {
    this.#request.exchange.notify(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }
}

function elicitParams(request: ElicitRequest): JsonObject {
  return { ...request } as JsonObject;
}
