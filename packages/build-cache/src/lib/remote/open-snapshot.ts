import type { Digest } from '../digest.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { codeOf } from '../errors.ts';
import { createFetcher, type EntryFetcher } from './fetch-entries.ts';
import type { Patience } from './patience.ts';
import { EMPTY_SNAPSHOT, type OpenSnapshot, readSnapshot, type SnapshotSource } from './read-snapshot.ts';
import type { RemoteStore } from './remote-store.ts';
import { maySign, type TierKeys } from './tier-keys.ts';
import { createSnapshotWriter, type SnapshotWriter, writableSnapshot } from './write-snapshot.ts';

/** A snapshot to read from and to add to. */
export interface OpenedSnapshot {
  readonly fetcher: EntryFetcher;
  /** `undefined` where nothing can be written. */
  readonly writer: SnapshotWriter | undefined;
}

export interface OpenSnapshotOptions {
  readonly source: SnapshotSource;
  /** Opens the place for writing. */
  readonly openStore: () => RemoteStore;
  readonly exchange: EntryExchange;
  readonly keys: TierKeys;
  readonly reading: Patience;
  readonly writing: Patience;
  /** Keys whose entries turned out to be damaged: they may be written again. */
  readonly lost: ReadonlySet<Digest>;
  readonly onUnreadable: (error: unknown) => void;
}

/** Reads what stands under a tag. Never rejects: what cannot be read is empty. */
export async function openSnapshot(options: OpenSnapshotOptions): Promise<OpenedSnapshot> {
  const { source, exchange, reading, onUnreadable } = options;
  let snapshot = EMPTY_SNAPSHOT;
  let reachable = true;
  try {
    snapshot = await reading.wait(readSnapshot(source));
  } catch (error) {
    onUnreadable(error);
    // What is damaged or not to be trusted is replaced; a place that cannot be reached is left alone.
    reachable = ['REMOTE_DAMAGED', 'REMOTE_UNTRUSTED'].includes(codeOf(error) ?? '');
  }
  const fetcher = createFetcher(source, snapshot, exchange);
  return { fetcher, writer: reachable ? openWriter(options, snapshot, fetcher) : undefined };
}

function openWriter(
  { source, openStore, exchange, keys, writing, lost }: OpenSnapshotOptions,
  snapshot: OpenSnapshot,
  fetcher: EntryFetcher,
): SnapshotWriter | undefined {
  if (!maySign(keys)) return undefined;
  const before = writableSnapshot(snapshot);
  const fresh = before.segments.length === 0;
  const store = openStore();
  return createSnapshotWriter({
    store,
    source: { ...source, store, onBytes: writing.progress },
    snapshot: before,
    exchange,
    privateKey: keys.privateKey,
    isKnown: (key) => !fresh && fetcher.keys.has(key) && !lost.has(key),
    isKept: (digest) => !fresh && fetcher.hasBody(digest),
    isDamaged: () => lost.size > 0,
    onBytes: writing.progress,
  });
}
