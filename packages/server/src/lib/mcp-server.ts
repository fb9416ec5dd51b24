import type { ResultStore } from '@mcpgen/server-runtime-perf/result-cache';
import { Connections } from './calls/connections.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { CatalogueAnswers } from './catalogue/catalogue-answers.ts';
import type { ResultStats } from './kept-results/kept-results.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import type { OnEvent } from './protocol/events.ts';

/** Where the results of tools that say `cache` are kept. */
export interface ResultCacheOptions {
  /** Bytes of this process' memory, default 64 MiB for all tools together; a result over a quarter of it is not kept. */
  readonly maxBytes?: number;
  /** Default: 10,000. */
  readonly maxEntries?: number;
  /**
   * A store that replicas share, such as `createRedisStore` of @mcpgen/server-runtime-perf makes; whoever made it closes
   * it. Then `info.version` must change with every change of the code. Default: this process' memory.
   */
  readonly store?: ResultStore;
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

export interface McpServerOptions {
  readonly onEvent?: OnEvent | undefined;
  /** Bytes of the result of a tool, resource or prompt. Default: what the catalogue says, or 10 MiB. */
  readonly resultLimit?: number | undefined;
  /** Signs what clients carry between the rounds of a call; servers that share work need the same. Default: random. */
  readonly stateSecret?: string | undefined;
  /** Milliseconds since 1970, for what outlives this process. Default: `Date.now`. */
  readonly wallClock?: (() => number) | undefined;
  readonly resultCache?: ResultCacheOptions | undefined;
}

export type ListChange = 'tools' | 'resources' | 'prompts';

/** A server without a transport: what it serves, what it holds open, and who listens to its changes. */
export class McpServer {
  readonly connections: Connections;
  readonly onEvent: OnEvent | undefined;
  readonly stateSecret: string | undefined;
  readonly wallClock: () => number;
  readonly resultCache: ResultCacheOptions | undefined;
  /** What has been counted, where the option `metrics` is on. */
  readonly metrics: ServerMetrics | undefined;
  readonly #resultLimit: number | undefined;
  #catalogue: Catalogue;
  #answers: CatalogueAnswers;
  /** Replaced, and open for the requests that still have them. */
  readonly #leaving = new Set<Catalogue>();
  readonly #listeners = new Set<(change: ListChange) => void>();

  constructor(catalogue: Catalogue, options: McpServerOptions = {}) {
    this.#catalogue = catalogue;
    this.#answers = new CatalogueAnswers(catalogue);
    this.onEvent = options.onEvent;
    this.#resultLimit = options.resultLimit;
    this.stateSecret = options.stateSecret;
    this.wallClock = options.wallClock ?? Date.now;
    this.resultCache = options.resultCache;
    this.metrics = catalogue.options.metrics === true ? new ServerMetrics() : undefined;
    this.connections = new Connections(options.onEvent);
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  get resultLimit(): number | undefined {
    return this.#resultLimit ?? this.#catalogue.options.resultLimit;
  }

  /** The ready parts of the answers that depend on the catalogue alone. */
  get answers(): CatalogueAnswers {
    return this.#answers;
  }

  /** Serves another catalogue from the next request on. Requests that run keep theirs; listeners are told. */
  replace(catalogue: Catalogue): void {
    this.#leave(this.#catalogue);
    this.connections.forget();
    this.#catalogue = catalogue;
    this.#answers = new CatalogueAnswers(catalogue);
    this.onEvent?.({ type: 'replaced' });
    for (const change of ['tools', 'resources', 'prompts'] as const) this.announce(change);
  }

  /** How often results of tools with a `cache` answered, and what they take. Absent until such a tool is loaded. */
  resultCacheStats(): ResultStats | undefined {
    return this.#catalogue.results.peek()?.stats();
  }

  /**
   * Forgets the results of one tool, or of all, in all processes that share them.
   * @throws RuntimePerfError STORE_UNREACHABLE, from a shared store
   */
  async clearResults(tool?: string): Promise<void> {
    await (await this.#catalogue.results.get()).clear(this, tool);
  }

  announce(change: ListChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Calls the listener at each change of a list, until the returned function is called. */
  onChange(listener: (change: ListChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Closes the connectors. Transports are closed first, by whoever opened them. */
  async close(): Promise<void> {
    const catalogues = [...this.#leaving, this.#catalogue];
    this.#leaving.clear();
    await Promise.all([this.connections.close(), ...catalogues.map((one) => this.#closeCatalogue(one))]);
    this.onEvent?.({ type: 'stopped' });
  }

  #leave(catalogue: Catalogue): void {
    this.#leaving.add(catalogue);
    this.connections.calls.afterAll(() => {
      if (this.#leaving.delete(catalogue)) this.#closeCatalogue(catalogue);
    });
  }

  async #closeCatalogue(catalogue: Catalogue): Promise<void> {
    try {
      await catalogue.close();
    } catch (error) {
      this.onEvent?.({ type: 'handler-failed', what: 'close', error });
    }
  }
}
