import type { Handler, HandlerContext } from './handler.ts';
import { createMemoryStore, type MemoryStoreOptions, type ResultStore } from './result-store.ts';
import { singleFlight } from './single-flight.ts';

export interface ResultCacheOptions<Input, Output, Context> extends MemoryStoreOptions {
  /** Milliseconds a result may be reused; a function is asked for each result, and 0 or less means not at all. */
  readonly ttl: number | ((output: Output, context: Context) => number);
  /**
   * Must hold all that a result depends on, the caller's identity above all: see `resultKey`. `undefined`, or a throw,
   * lets the call pass by the cache.
   */
  readonly key: (input: Input, context: Context) => string | undefined;
  /** Default: a memory store of its own, to which `maxBytes`, `maxEntries` and `now` go. */
  readonly store?: ResultStore;
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
  /** The result cannot be JSON, or the ttl function threw: it was handed on and not kept. */
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
  const cache: Cache<Output, Context> = {
    ttl: options.ttl,
    store: options.store ?? createMemoryStore(memoryOptions(options)),
    random: options.random ?? Math.random,
    emit: options.onEvent ?? (() => {}),
  };
  const lookUpOrRun = singleFlight<Keyed<Input>, Entry<Output>, Context>(
    async ({ key, input }, context) => {
      const text = await readEntry(cache, key);
      if (text !== undefined) return { text };
      return keepOutput(cache, { key, output: await handler(input, context), context });
    },
    { key: ({ key }) => key },
  );

  return async (input, context) => {
    const key = readKey(cache, () => options.key(input, context));
    if (key === undefined) return handler(input, context);
    const entry = await lookUpOrRun({ key, input }, context);
    return entry.text === undefined ? entry.output : parseOutput<Output>(entry.text);
  };
}

interface Cache<Output, Context> {
  readonly ttl: number | ((output: Output, context: Context) => number);
  readonly store: ResultStore;
  readonly random: () => number;
  readonly emit: (event: ResultCacheEvent) => void;
}

interface Keyed<Input> {
  readonly key: string;
  readonly input: Input;
}

/** Text where it was or will be kept, else the output itself. */
type Entry<Output> = { readonly text: string } | { readonly text?: undefined; readonly output: Output };

function readKey(cache: Pick<Cache<never, never>, 'emit'>, makeKey: () => string | undefined): string | undefined {
  try {
    const key = makeKey();
    if (key === undefined) cache.emit({ type: 'bypass' });
    return key;
  } catch (error) {
    cache.emit({ type: 'bypass', error });
    return undefined;
  }
}

async function readEntry(cache: Pick<Cache<never, never>, 'store' | 'emit'>, key: string): Promise<string | undefined> {
  try {
    const text = await cache.store.get(key);
    if (text !== undefined) JSON.parse(text); // what another process wrote may be anything
    cache.emit({ type: text === undefined ? 'miss' : 'hit', key });
    return text;
  } catch (error) {
    cache.emit({ type: 'store-failed', key, error });
    return undefined;
  }
}

/** The caller does not wait for the store. */
function keepOutput<Output, Context extends HandlerContext>(
  cache: Cache<Output, Context>,
  { key, output, context }: { readonly key: string; readonly output: Output; readonly context: Context },
): Entry<Output> {
  const { store, random, emit } = cache;
  const kept = writeText(cache, { key, output, context });
  if (kept === undefined) return { output };
  const ttl = Math.max(1, Math.floor(kept.lifetime * (1 - 0.1 * random())));
  const set = async () => store.set(key, kept.text, { ttl });
  set().then(
    () => emit({ type: 'stored', key }),
    (error: unknown) => emit({ type: 'store-failed', key, error }),
  );
  return { text: kept.text };
}

function writeText<Output, Context extends HandlerContext>(
  { ttl, emit }: Cache<Output, Context>,
  { key, output, context }: { readonly key: string; readonly output: Output; readonly context: Context },
): { readonly text: string; readonly lifetime: number } | undefined {
  if (context.signal.aborted) return undefined;
  try {
    const lifetime = typeof ttl === 'function' ? ttl(output, context) : ttl;
    const text = lifetime > 0 ? JSON.stringify(output) : undefined;
    return text === undefined ? undefined : { text, lifetime };
  } catch (error) {
    emit({ type: 'not-storable', key, error });
    return undefined;
  }
}

/** The text was made from an `Output` by this module, under a key that names the code that made it. */
function parseOutput<Output>(text: string): Output {
  return JSON.parse(text) as Output;
}

function memoryOptions({ maxBytes, maxEntries, now }: MemoryStoreOptions): MemoryStoreOptions {
  return {
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxEntries !== undefined && { maxEntries }),
    ...(now !== undefined && { now }),
  };
}
