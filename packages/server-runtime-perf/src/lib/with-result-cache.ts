import { deriveContext } from './derive-context.ts';
import { deadlineExceeded } from './errors.ts';
import type { Handler, HandlerContext } from './handler.ts';
import { type Cache, keepOutput, peekEntry, readEntry, resolveOptions } from './kept-results.ts';
import type { ResultCacheOptions } from './result-cache-options.ts';
import type { StoredResult } from './result-store.ts';
import { singleFlight } from './single-flight.ts';

/**
 * Answers a call from an earlier one with the same key. Concurrent calls with the same key share one run; what is thrown
 * is never kept; a caller that leaves takes nothing from the others. Results are kept as text and read for each caller,
 * so none can change what another gets. A result that lies in memory is answered without a promise.
 */
export function withResultCache<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  options: ResultCacheOptions<Input, Output, Context>,
): Handler<Input, Output, Context> {
  const cache = resolveOptions(handler, options);
  const runs = singleFlight<Call<Input>, Outcome<Output>, Context>((call, context) => runOnce(cache, call, context), {
    key: ({ key }) => key,
  });
  const refreshing = new Set<string>();

  function answerStale(call: Call<Input>, context: Context, stored: StoredResult): void {
    cache.emit({ type: 'stale', key: call.key, source: stored.source });
    if (refreshing.has(call.key)) return;
    refreshing.add(call.key);
    refresh(
      cache,
      (signal) => runs({ ...call, renews: true, outdates: true }, deriveContext(context, signal)),
      call.key,
    ).finally(() => refreshing.delete(call.key));
  }

  const lookUpOrRun = singleFlight<Call<Input>, Outcome<Output>, Context>(
    async (call, context) => {
      const stored = await readEntry(cache, call.key);
      const verdict = judge(cache, stored);
      if (stored !== undefined && verdict === 'fresh') return hit(cache, call.key, stored);
      if (stored !== undefined && verdict === 'stale') {
        answerStale(call, context, stored);
        return { text: stored.text };
      }
      cache.emit({ type: 'miss', key: call.key });
      const fallback = verdict === 'fallback' ? stored : undefined;
      return runOrFallBack(cache, { call, context, fallback }, runs);
    },
    { key: ({ key }) => key },
  );

  async function answerSlow(call: Call<Input>, context: Context): Promise<Output> {
    const outcome = await lookUpOrRun(call, context);
    return outcome.text === undefined ? outcome.output : cache.codec.read(outcome.text, 'near');
  }

  return (input, context) => {
    const key = readKey(cache, () => options.key(input, context));
    if (key === undefined) return handler(input, context);
    const call = { key, input, renews: false, outdates: false };
    const stored = peekEntry(cache, key);
    const verdict = judge(cache, stored);
    if (stored === undefined || (verdict !== 'fresh' && verdict !== 'stale')) return answerSlow(call, context);
    if (verdict === 'fresh') hit(cache, key, stored);
    else answerStale(call, context, stored);
    return cache.codec.read(stored.text, 'near');
  };
}

interface Call<Input> {
  readonly key: string;
  readonly input: Input;
  /** In the background. */
  readonly renews: boolean;
  /** A stale result is there, which a failure must not replace. */
  readonly outdates: boolean;
}

/** Text where it was or will be kept, else the output itself. */
type Outcome<Output> = { readonly failed?: boolean } & (
  | { readonly text: string }
  | { readonly text?: undefined; readonly output: Output }
);

type Verdict = 'fresh' | 'stale' | 'fallback' | 'gone';

function judge(
  { staleWhileRevalidate, staleIfError }: Pick<Cache<never, never, never>, 'staleWhileRevalidate' | 'staleIfError'>,
  stored: StoredResult | undefined,
): Verdict {
  if (stored === undefined) return 'gone';
  if (stored.fresh >= 0) return 'fresh';
  if (-stored.fresh <= staleWhileRevalidate) return 'stale';
  return -stored.fresh <= staleIfError ? 'fallback' : 'gone';
}

function hit({ emit }: Pick<Cache<never, never, never>, 'emit'>, key: string, { text, source }: StoredResult) {
  emit({ type: 'hit', key, source });
  return { text };
}

function readKey({ emit }: Pick<Cache<never, never, never>, 'emit'>, makeKey: () => string | undefined) {
  try {
    const key = makeKey();
    if (key === undefined) emit({ type: 'bypass' });
    return key;
  } catch (error) {
    emit({ type: 'bypass', error });
    return undefined;
  }
}

async function runOnce<Input, Output, Context extends HandlerContext>(
  cache: Cache<Input, Output, Context>,
  { key, input, renews, outdates }: Call<Input>,
  context: Context,
): Promise<Outcome<Output>> {
  const epoch = cache.store.epoch?.(cache.tag);
  const run = renews ? cache.refresh : cache.handler;
  const output = await run(input, context);
  return keepOutput(cache, { key, output, context, epoch, outdates });
}

interface Attempt<Input, Context> {
  readonly call: Call<Input>;
  readonly context: Context;
  /** What answers if the run fails. */
  readonly fallback: StoredResult | undefined;
}

async function runOrFallBack<Input, Output, Context extends HandlerContext>(
  { emit }: Cache<Input, Output, Context>,
  { call, context, fallback }: Attempt<Input, Context>,
  runs: Handler<Call<Input>, Outcome<Output>, Context>,
): Promise<Outcome<Output>> {
  if (fallback === undefined) return runs(call, context);
  const { key } = call;
  try {
    const outcome = await runs({ ...call, outdates: true }, context);
    if (outcome.failed !== true) return outcome;
    emit({ type: 'stale-for-error', key });
  } catch (error) {
    if (context.signal.aborted) throw error;
    emit({ type: 'stale-for-error', key, error });
  }
  return { text: fallback.text };
}

/** Settles when the renewal has ended, however it did. */
async function refresh<Input, Output, Context extends HandlerContext>(
  { emit, refreshDeadline }: Cache<Input, Output, Context>,
  run: (signal: AbortSignal) => Outcome<Output> | Promise<Outcome<Output>>,
  key: string,
): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(deadlineExceeded(refreshDeadline)), refreshDeadline).unref();
  emit({ type: 'refresh', key });
  try {
    if ((await run(controller.signal)).failed === true) emit({ type: 'refresh-failed', key });
  } catch (error) {
    emit({ type: 'refresh-failed', key, error });
  } finally {
    clearTimeout(timer);
  }
}
