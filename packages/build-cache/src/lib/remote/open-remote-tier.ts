import { createPublicKey, type KeyObject } from 'node:crypto';
import type { CacheEvent } from '../cache.ts';
import type { Digest } from '../digest.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { codeOf, messageOf, remoteSlow } from '../errors.ts';
import { createFetcher, type EntryFetcher } from './fetch-entries.ts';
import { createPatience, type Patience } from './patience.ts';
import { EMPTY_SNAPSHOT, type OpenSnapshot, readSnapshot, type SnapshotSource } from './read-snapshot.ts';
import type { RemoteStore } from './remote-store.ts';
import { readPrivateKey, readPublicKey } from './sign-snapshot.ts';
import { createSnapshotWriter, type SentReport, type SnapshotWriter, writableSnapshot } from './write-snapshot.ts';

export interface RemoteTierOptions {
  /** Opens the place; the signal ends all its requests when patience is over or the tier is closed. */
  readonly open: (signal: AbortSignal) => RemoteStore;
  /** The name of the cache in that place: a trust scope, such as `main` or `pr-123`. */
  readonly tag: string;
  /** The local store: entries come there, and go out from there. */
  readonly exchange: EntryExchange;
  /**
   * Ed25519, PEM or base64: a cache that none of them signed is refused. Default: anybody's is believed, unless there is a
   * private key: then its own.
   */
  readonly publicKeys?: readonly string[];
  /** Ed25519, PEM or base64: signs what is written. Default: nothing is signed, and where there are public keys nothing is sent. */
  readonly privateKey?: string;
  /** Milliseconds that a run waits while nothing moves, in all. Default: 5,000 for reading, and the same for writing. */
  readonly patience?: number;
  readonly onEvent?: (event: CacheEvent) => void;
}

/**
 * A cache elsewhere, behind a local one. It never fails a build: what goes wrong is one `failed` event for reading and one
 * for writing, and misses from then on.
 */
export interface RemoteTier {
  readonly location: string;
  /** False where keys are trusted and there is none to sign with: then nothing is ever sent. */
  readonly writable: boolean;
  /** Brings an entry into the local store. False where there is none, or it cannot be had. */
  fetch(key: Digest): Promise<boolean>;
  /** What can be fetched; nothing where it cannot be read. */
  keys(): Promise<readonly Digest[]>;
  /** Sends an entry of the local store in the background, unless it is there: first writer wins. */
  send(key: Digest): void;
  /** Waits for what is being sent, and makes it visible. */
  close(): Promise<SentReport>;
}

/** Bytes per second below which a remote is not worth waiting for. */
const RATE = 1_000_000;

/** Damaged entries until a tier is left alone. */
const MAX_DAMAGED = 3;

interface Opened {
  readonly snapshot: OpenSnapshot;
  readonly fetcher: EntryFetcher;
  /** `undefined` where nothing can be written. */
  readonly writer: SnapshotWriter | undefined;
}

/**
 * Reading starts at once, so that it goes on while the caller plans.
 *
 * @throws {CacheError} `SIGNING_KEY_INVALID`
 */
export function openRemoteTier(options: RemoteTierOptions): RemoteTier {
  const { patience = 5000, onEvent = () => {} } = options;
  const keys = readKeys(options);
  const onOver = (waited: number): Error => remoteSlow(location, waited);
  const reading = createPatience({ limit: patience, rate: RATE, onOver });
  const writing = createPatience({ limit: patience, rate: RATE, onOver });
  const store = options.open(reading.signal);
  const { location } = store;
  const report = reportOnce(location, onEvent);
  const lost = new Set<Digest>();
  let usable = true;

  function onUnreadable(error: unknown, key?: Digest): void {
    report('read from', error);
    if (key !== undefined) lost.add(key);
    if (codeOf(error) !== 'REMOTE_DAMAGED' || lost.size >= MAX_DAMAGED) usable = false;
  }

  const source = { store, tag: options.tag, publicKeys: keys.publicKeys, onBytes: reading.progress };
  const opened = openSnapshot({ source, options, keys, reading, writing, lost, onUnreadable });
  let sending: Promise<void> = Promise.resolve();

  return {
    location,
    writable: maySign(keys),
    async fetch(key) {
      try {
        const { fetcher } = await opened;
        return usable && !lost.has(key) && fetcher.keys.has(key) && (await reading.wait(fetcher.fetch(key)));
      } catch (error) {
        onUnreadable(error, key);
        return false;
      }
    },
    keys: async () => (usable ? [...(await opened).fetcher.keys] : []),
    send(key) {
      sending = sending.then(async () => (await opened).writer?.add(key));
    },
    async close() {
      const { writer } = await opened;
      try {
        await sending;
        return writer === undefined ? NOTHING_SENT : await writing.wait(writer.finish());
      } catch (error) {
        report('write to', error);
        return NOTHING_SENT;
      } finally {
        reading.end();
        writing.end();
      }
    },
  };
}

const NOTHING_SENT: SentReport = { entries: 0, bytes: 0 };

interface Keys {
  readonly publicKeys: readonly KeyObject[];
  readonly privateKey: KeyObject | undefined;
}

/** Whoever signs believes what was signed by the same key: else a signature would vouch for what anybody wrote. */
function readKeys({ publicKeys = [], privateKey }: RemoteTierOptions): Keys {
  const own = privateKey === undefined ? undefined : readPrivateKey(privateKey);
  const trusted = publicKeys.map(readPublicKey);
  return { publicKeys: own === undefined ? trusted : [...trusted, createPublicKey(own)], privateKey: own };
}

/** What would be written unsigned where signatures are asked for, nobody would read. */
function maySign({ publicKeys, privateKey }: Keys): boolean {
  return publicKeys.length === 0 || privateKey !== undefined;
}

interface Opening {
  readonly source: SnapshotSource;
  readonly options: RemoteTierOptions;
  readonly keys: Keys;
  readonly reading: Patience;
  readonly writing: Patience;
  /** Keys whose entries turned out to be damaged: they may be written again. */
  readonly lost: ReadonlySet<Digest>;
  readonly onUnreadable: (error: unknown) => void;
}

async function openSnapshot(opening: Opening): Promise<Opened> {
  const { source, options, reading, onUnreadable } = opening;
  const { exchange } = options;
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
  return { snapshot, fetcher, writer: reachable ? openWriter(opening, snapshot, fetcher) : undefined };
}

function openWriter(
  { source, options, keys, writing, lost }: Opening,
  snapshot: OpenSnapshot,
  fetcher: EntryFetcher,
): SnapshotWriter | undefined {
  if (!maySign(keys)) return undefined;
  const before = writableSnapshot(snapshot);
  const fresh = before.segments.length === 0;
  const store = options.open(writing.signal);
  return createSnapshotWriter({
    store,
    source: { ...source, store, onBytes: writing.progress },
    snapshot: before,
    exchange: options.exchange,
    privateKey: keys.privateKey,
    isKnown: (key) => !fresh && fetcher.keys.has(key) && !lost.has(key),
    // What turned out to be damaged may lie anywhere: then nothing is taken for kept.
    isKept: (digest) => !fresh && lost.size === 0 && fetcher.hasBody(digest),
    onBytes: writing.progress,
  });
}

function reportOnce(
  location: string,
  onEvent: (event: CacheEvent) => void,
): (operation: 'read from' | 'write to', error: unknown) => void {
  const reported = new Set<string>();
  return (operation, error) => {
    if (reported.has(operation)) return;
    reported.add(operation);
    onEvent({ type: 'failed', operation: `${operation} ${location}`, message: messageOf(error) });
  };
}
