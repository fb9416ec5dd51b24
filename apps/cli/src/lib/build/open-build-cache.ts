import { type BuildCache, type CacheEvent, emptyCache, type LocalCache, openLocalCache } from '@mcpgen/build-cache';
import type { RemoteTier } from '@mcpgen/build-cache/remote';
import type { BuildRequest } from './build-request.ts';
import type { CacheReport } from './build-result.ts';

/** The cache of a build, near and far. */
export interface OpenBuildCache {
  readonly cache: BuildCache;
  /** Waits for what is being sent; may be called again. */
  close(): Promise<void>;
  /** What came from where and what was sent where; whole after `close`. */
  report(): CacheReport;
}

/** Remote caches are opened only where some are named; what they hold is read while the build is planned. */
export async function openBuildCache(request: BuildRequest): Promise<OpenBuildCache> {
  const { context, settings, paths } = request;
  if (request.cache === 'off') return withoutReport(emptyCache({ now: context.now }));
  const hits = countHits();
  const warn = warnOnce(request);
  const onEvent = (event: CacheEvent): void => {
    hits.add(event);
    warn(event);
  };
  const near = openLocalCache({
    directory: paths.cache,
    now: context.now,
    ...(settings.cacheBytes === undefined ? {} : { maxBytes: settings.cacheBytes }),
    onEvent,
  });
  const { cache, read, write } = (await openFar(request, near, onEvent)) ?? { cache: near, read: [], write: undefined };
  let closing: Promise<void> | undefined;
  return {
    cache,
    close: () => {
      closing ??= write === undefined ? cache.close() : closeTelling(cache, write, request);
      return closing;
    },
    report: () => ({
      from: [
        { name: LOCAL, ...hits.of(LOCAL), bytes: 0 },
        ...read.map(({ location, traffic }) => ({
          name: location,
          ...hits.of(location),
          bytes: traffic().received.bytes,
        })),
      ],
      to: write === undefined ? null : sentTo(write),
    }),
  };
}

const LOCAL = 'local';

function withoutReport(cache: BuildCache): OpenBuildCache {
  return { cache, close: () => cache.close(), report: () => ({ from: [], to: null }) };
}

interface FarCache {
  readonly cache: BuildCache;
  readonly read: readonly RemoteTier[];
  readonly write: RemoteTier | undefined;
}

async function openFar(
  { context, settings, insecure, onEvent: tell }: BuildRequest,
  near: LocalCache,
  onEvent: (event: CacheEvent) => void,
): Promise<FarCache | undefined> {
  const { from, to, ...trust } = settings.remoteCache;
  if (from.length === 0 && to === undefined) return undefined;
  const [{ chainCaches }, { openTier }] = await Promise.all([
    import('@mcpgen/build-cache/remote'),
    import('./open-tier.ts'),
  ]);
  const opened = new Map<string, RemoteTier>();
  for (const place of new Set([...from, ...(to === undefined ? [] : [to])])) {
    const access = place === to ? 'push' : 'pull';
    opened.set(place, openTier(context, place, { ...trust, exchange: near.exchange, access, insecure, onEvent }));
  }
  const read = from.flatMap((place) => opened.get(place) ?? []);
  const write = opened.get(to ?? '');
  if (write?.writable === false) tell({ type: 'warning', message: noKey(write.location) });
  return { cache: chainCaches(near, write === undefined ? { read } : { read, write }), read, write };
}

function noKey(place: string): string {
  return `Nothing is sent to ${place}: cache.publicKeys are configured, and MCPGEN_CACHE_PRIVATE_KEY is not set. Set it where this build is to be trusted; else send to a tag that cache.unsignedTags allows`;
}

function sentTo(tier: RemoteTier): CacheReport['to'] {
  const { entries, bytes } = tier.traffic().sent;
  return { name: tier.location, results: entries, bytes };
}

interface HitCounts {
  add(event: CacheEvent): void;
  of(tier: string): { readonly results: number; readonly saved: number };
}

function countHits(): HitCounts {
  const counts = new Map<string, { results: number; saved: number }>();
  const of = (tier: string) => counts.get(tier) ?? { results: 0, saved: 0 };
  return {
    of,
    add(event) {
      if (event.type !== 'hit') return;
      const { results, saved } = of(event.tier);
      counts.set(event.tier, { results: results + 1, saved: saved + event.saved });
    },
  };
}

/** Trouble of caches is told, once, and the build goes on. What the user's own Ctrl-C cuts off is no trouble. */
function warnOnce({ context, onEvent }: BuildRequest): (event: CacheEvent) => void {
  const told = new Set<string>();
  return (event) => {
    const message = warningOf(event);
    const what = event.type === 'failed' ? event.message : message;
    if (message === undefined || what === undefined || told.has(what) || context.signal.aborted) return;
    told.add(what);
    onEvent({ type: 'warning', message });
  };
}

function warningOf(event: CacheEvent): string | undefined {
  if (event.type === 'damaged') return `A damaged cache entry was dropped: ${event.reason}`;
  if (event.type !== 'failed') return undefined;
  const { operation, message, hint } = event;
  return `The build cache could not ${operation}: ${message}${hint === undefined ? '' : `. ${hint}`}`;
}

/** Milliseconds. */
const TELL_EVERY = 200;

/** A person who waits for what is being sent sees it. */
async function closeTelling(cache: BuildCache, write: RemoteTier, { onEvent }: BuildRequest): Promise<void> {
  const tell = (): void => onEvent({ type: 'sending', to: write.location, bytes: write.traffic().sent.bytes });
  const timer = setInterval(tell, TELL_EVERY);
  try {
    await cache.close();
  } finally {
    clearInterval(timer);
  }
}
