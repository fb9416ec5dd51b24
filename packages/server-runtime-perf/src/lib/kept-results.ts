import type { Handler, HandlerContext } from './handler.ts';
import { createMemoryStore, type MemoryStoreOptions } from './memory-store.ts';
import type { ResultCacheEvent } from './result-cache-events.ts';
import { jsonCodec, type ResultCacheOptions, type ResultCodec } from './result-cache-options.ts';
import type { ResultStore, StoredResult } from './result-store.ts';

/** The options of a result cache with their defaults. */
export interface Cache<Input, Output, Context extends HandlerContext> {
  readonly handler: Handler<Input, Output, Context>;
  readonly refresh: Handler<Input, Output, Context>;
  readonly refreshDeadline: number;
  readonly ttl: number | ((output: Output, context: Context) => number);
  readonly negativeTtl: number;
  readonly isError: (output: Output, context: Context) => boolean;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  readonly store: ResultStore;
  readonly tag: string | undefined;
  readonly codec: ResultCodec<Output>;
  readonly random: () => number;
  readonly emit: (event: ResultCacheEvent) => void;
}

export function resolveOptions<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  options: ResultCacheOptions<Input, Output, Context>,
): Cache<Input, Output, Context> {
  return {
    handler,
    refresh: options.refresh ?? handler,
    refreshDeadline: options.refreshDeadline ?? 30_000,
    ttl: options.ttl,
    negativeTtl: options.negativeTtl ?? 0,
    isError: options.isError ?? (() => false),
    staleWhileRevalidate: options.staleWhileRevalidate ?? 0,
    staleIfError: options.staleIfError ?? 0,
    store: options.store ?? createMemoryStore(memoryOptions(options)),
    tag: options.tag,
    codec: options.codec ?? jsonCodec(),
    random: options.random ?? Math.random,
    emit: options.onEvent ?? (() => {}),
  };
}

function memoryOptions({ maxBytes, maxEntries, now }: MemoryStoreOptions): MemoryStoreOptions {
  return {
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxEntries !== undefined && { maxEntries }),
    ...(now !== undefined && { now }),
  };
}

interface Reads {
  readonly store: ResultStore;
  readonly tag: string | undefined;
  readonly codec: { readonly read: (text: string, source: 'near' | 'far') => unknown };
  readonly emit: (event: ResultCacheEvent) => void;
}

/** What lies in memory, at once. */
export function peekEntry({ store, emit }: Pick<Reads, 'store' | 'emit'>, key: string): StoredResult | undefined {
  try {
    return store.peek?.(key);
  } catch (error) {
    emit({ type: 'store-failed', key, error });
    return undefined;
  }
}

/** What the store has, wherever it lies; nothing where it fails or has something else. */
export async function readEntry(cache: Reads, key: string): Promise<StoredResult | undefined> {
  const { store, tag, emit } = cache;
  try {
    const stored = await store.get(key, tag);
    return stored?.source === 'far' && !isReadable(cache, key, stored) ? undefined : stored;
  } catch (error) {
    emit({ type: 'store-failed', key, error });
    return undefined;
  }
}

function isReadable({ store, codec, emit }: Reads, key: string, { text }: StoredResult): boolean {
  try {
    codec.read(text, 'far');
    return true;
  } catch (error) {
    emit({ type: 'unreadable', key, error });
    const remove = async () => store.delete(key);
    remove().catch((failure: unknown) => emit({ type: 'store-failed', key, error: failure }));
    return false;
  }
}

/** One run that has ended. */
export interface Run<Output, Context> {
  readonly key: string;
  readonly output: Output;
  readonly context: Context;
  /** Of the store, before the run began. */
  readonly epoch: string | undefined;
  /** A stale result is there: a failure must not replace it, and it must not outlive a newer one that is not kept. */
  readonly outdates: boolean;
}

type Kept<Output> = { readonly failed: boolean } & (
  | { readonly text: string }
  | { readonly text?: undefined; readonly output: Output }
);

/** Keeps what may be kept. The caller does not wait for the store. */
export function keepOutput<Input, Output, Context extends HandlerContext>(
  cache: Cache<Input, Output, Context>,
  run: Run<Output, Context>,
): Kept<Output> {
  const { key, output } = run;
  const plan = planKeeping(cache, run);
  if (plan === undefined) return { failed: false, output };
  const { failed, lifetime, text } = plan;
  const { store, tag, random, emit } = cache;
  const set = async (): Promise<void> => {
    if (text === undefined) return run.outdates && !failed ? store.delete(key) : undefined;
    const ttl = Math.max(1, Math.floor(lifetime * (1 - 0.1 * random())));
    const stale = failed ? 0 : Math.max(cache.staleWhileRevalidate, cache.staleIfError);
    await store.set(key, text, { ttl, stale, epoch: run.epoch, ...(tag !== undefined && { tag }) });
    emit({ type: 'stored', key });
  };
  set().catch((error: unknown) => emit({ type: 'store-failed', key, error }));
  return text === undefined ? { failed, output } : { failed, text };
}

interface KeepingPlan {
  readonly failed: boolean;
  readonly lifetime: number;
  /** Absent where nothing is kept. */
  readonly text: string | undefined;
}

function planKeeping<Input, Output, Context extends HandlerContext>(
  { ttl, negativeTtl, isError, codec, emit }: Cache<Input, Output, Context>,
  { key, output, context, outdates }: Run<Output, Context>,
): KeepingPlan | undefined {
  if (context.signal.aborted) return undefined;
  try {
    const failed = isError(output, context);
    const given = typeof ttl === 'function' ? ttl(output, context) : ttl;
    const lifetime = failed ? Math.min(given, outdates ? 0 : negativeTtl) : given;
    return { failed, lifetime, text: lifetime > 0 ? codec.write(output) : undefined };
  } catch (error) {
    emit({ type: 'not-storable', key, error });
    return undefined;
  }
}
