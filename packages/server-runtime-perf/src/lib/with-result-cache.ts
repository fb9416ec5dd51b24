import type { Handler, HandlerContext } from './handler.ts';
import { createMemoryStore, type ResultStore } from './result-store.ts';
import { singleFlight } from './single-flight.ts';

export interface ResultCacheOptions<Input, Output, Context> {
  /** Milliseconds a result may be reused; a function is asked for each result, and 0 or less means not at all. */
  readonly ttl: number | ((output: Output, context: Context) => number);
  /**
   * Must hold all that a result depends on, the caller's identity above all: see `resultKey`. `undefined`, or a throw,
   * lets the call pass by the cache.
   */
  readonly key: (input: Input, context: Context) => string | undefined;
  /** Default: a memory store of its own, with the three options below. */
  readonly store?: ResultStore;
  readonly maxBytes?: number;
  readonly maxEntries?: number;
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
  /** From 0 up to 1: by how much a lifetime is shortened, so that entries made together do not end together. */
  readonly random?: () => number;
  readonly onEvent?: (event: ResultCacheEvent) => void;
}

export type ResultCacheEvent =
  | { readonly type: 'hit' | 'miss' | 'stored'; readonly key: string }
  /** No key: the call went to the handler alone. `error` when the key function threw. */
  | { readonly type: 'bypass'; readonly error?: unknown }
  /** The store failed, or kept something that is not JSON: counts as a miss. */
  | { readonly type: 'store-failed'; readonly key: string; readonly error: unknown }
  /** The result cannot be JSON: it was handed on and not kept. */
  | { readonly type: 'not-storable'; readonly key: string; readonly error: unknown };

/**
 * Answers a call from an earlier one with the same key. Concurrent calls with the same key share one run; failures are
 * never kept; a caller that leaves takes nothing from the others. Results are kept as JSON text and parsed for each
 * caller, so none can change what another gets, and all get the same: a `Date` arrives as its text.
 */
export function withResultCache<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  options: ResultCacheOptions<Input, Output, Context>,
): Handler<Input, Output, Context> {
  const { ttl, onEvent, random = Math.random, store = createMemoryStore(memoryOptions(options)) } = options;
  const shared = singleFlight<Keyed<Input>, Entry<Output>, Context>(lookUpOrRun, { key: ({ key }) => key });

  return async (input, context) => {
    const key = readKey(input, context);
    if (key === undefined) return handler(input, context);
    const entry = await shared({ key, input }, context);
    return entry.text === undefined ? entry.output : parseOutput<Output>(entry.text);
  };

  function readKey(input: Input, context: Context): string | undefined {
    try {
      const key = options.key(input, context);
      if (key === undefined) onEvent?.({ type: 'bypass' });
      return key;
    } catch (error) {
      onEvent?.({ type: 'bypass', error });
      return undefined;
    }
  }

  async function lookUpOrRun({ key, input }: Keyed<Input>, context: Context): Promise<Entry<Output>> {
    const kept = await attempt(key, () => readEntry(key));
    if (kept !== undefined) {
      onEvent?.({ type: 'hit', key });
      return { text: kept };
    }
    onEvent?.({ type: 'miss', key });
    const output = await handler(input, context);
    return keep(key, output, context);
  }

  async function readEntry(key: string): Promise<string | undefined> {
    const text = await store.get(key);
    if (text !== undefined) JSON.parse(text); // what another process wrote may be anything
    return text;
  }

  async function keep(key: string, output: Output, context: Context): Promise<Entry<Output>> {
    const lifetime = typeof ttl === 'function' ? ttl(output, context) : ttl;
    if (!(lifetime > 0) || context.signal.aborted) return { output };
    const text = toText(key, output);
    if (text === undefined) return { output };
    await attempt(key, async () => {
      await store.set(key, text, { ttl: Math.max(1, Math.floor(lifetime * (1 - 0.1 * random()))) });
      onEvent?.({ type: 'stored', key });
    });
    return { text };
  }

  function toText(key: string, output: Output): string | undefined {
    try {
      return JSON.stringify(output); // undefined for undefined: nothing to keep
    } catch (error) {
      onEvent?.({ type: 'not-storable', key, error });
      return undefined;
    }
  }

  async function attempt<T>(key: string, action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      onEvent?.({ type: 'store-failed', key, error });
      return undefined;
    }
  }
}

interface Keyed<Input> {
  readonly key: string;
  readonly input: Input;
}

type Entry<Output> = { readonly text: string } | { readonly text?: undefined; readonly output: Output };

function memoryOptions({
  maxBytes,
  maxEntries,
  now,
}: Pick<ResultCacheOptions<never, never, never>, 'maxBytes' | 'maxEntries' | 'now'>) {
  return {
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxEntries !== undefined && { maxEntries }),
    ...(now !== undefined && { now }),
  };
}

/** The text was made from an `Output` by this module, under a key that names the code that made it. */
function parseOutput<Output>(text: string): Output {
  return JSON.parse(text) as Output;
}
