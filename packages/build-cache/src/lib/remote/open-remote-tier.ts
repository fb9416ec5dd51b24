import type { CacheEvent } from '../cache.ts';
import type { Digest } from '../digest.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { remoteSlow } from '../errors.ts';
import { type OpenedSnapshot, openSnapshot } from './open-snapshot.ts';
import { createPatience, type Patience } from './patience.ts';
import type { RemoteStore } from './remote-store.ts';
import { maySign, readTierKeys } from './tier-keys.ts';
import { type TierTrouble, watchTrouble } from './tier-trouble.ts';
import type { SentReport } from './write-snapshot.ts';

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
  /** What events and hits call it. Default: what the place calls itself. */
  readonly name?: string;
  readonly onEvent?: (event: CacheEvent) => void;
}

/**
 * A cache elsewhere, behind a local one. It never fails a build: what goes wrong is one `failed` event for reading and one
 * for writing, and misses from then on.
 */
export interface RemoteTier {
  /** What events and hits call it. */
  readonly location: string;
  /** False where keys are trusted and there is none to sign with: then nothing is ever sent. */
  readonly writable: boolean;
  /** Brings an entry into the local store. False where there is none, or it cannot be had. */
  fetch(key: Digest): Promise<boolean>;
  /** What can be fetched; nothing where it cannot be read. */
  keys(): Promise<readonly Digest[]>;
  /** Sends an entry of the local store in the background, unless it is there: first writer wins. */
  send(key: Digest): void;
  /** What has come and gone so far. */
  traffic(): RemoteTraffic;
  /** Waits for what is being sent, and makes it visible. Where nothing was, it ends what is under way and waits for nothing. */
  close(): Promise<SentReport>;
}

/** What went between here and a remote. */
export interface RemoteTraffic {
  /** Brought here; `bytes` as they came, compressed and with all that says where to look. */
  readonly received: { readonly entries: number; readonly bytes: number };
  /** Taken to be sent, and bytes as they go; from `close` on what it resolved to. */
  readonly sent: { readonly entries: number; readonly bytes: number };
}

/** Bytes per second below which a remote is not worth waiting for. */
const RATE = 1_000_000;

/**
 * Reading starts at once, so that it goes on while the caller plans.
 *
 * @throws {CacheError} `SIGNING_KEY_INVALID`
 */
export function openRemoteTier(options: RemoteTierOptions): RemoteTier {
  const { exchange, tag, patience = 5000, onEvent = () => {} } = options;
  const keys = readTierKeys(options);
  const writable = maySign(keys);
  const onOver = (waited: number): Error => remoteSlow(location, waited);
  const reading = createPatience({ limit: patience, rate: RATE, onOver });
  const writing = createPatience({ limit: patience, rate: RATE, onOver });
  const store = options.open(reading.signal);
  const location = options.name ?? store.location;
  const trouble = watchTrouble(location, onEvent);
  const opened = openSnapshot({
    source: { store, tag, name: location, publicKeys: keys.publicKeys, onBytes: reading.progress },
    openStore: () => options.open(writing.signal),
    exchange,
    keys,
    reading,
    writing,
    lost: trouble.lost,
    onUnreadable: trouble.onUnreadable,
  });
  const sender = createSender(opened, writing, trouble);
  let received = 0;

  return {
    location,
    writable,
    async fetch(key) {
      try {
        const { fetcher } = await opened;
        if (!trouble.usable(key) || !fetcher.keys.has(key)) return false;
        if (!(await reading.wait(fetcher.fetch(key)))) return false;
        received++;
        return true;
      } catch (error) {
        trouble.onUnreadable(error, key);
        return false;
      }
    },
    keys: async () => [...(await opened).fetcher.keys].filter((key) => trouble.usable(key)),
    send: (key) => void (writable && sender.send(key)),
    traffic: () => ({ received: { entries: received, bytes: reading.bytes() }, sent: sender.sent() }),
    async close() {
      const sent = await sender.finish();
      // What the end of the run cuts off is no trouble of the remote.
      trouble.end();
      reading.end();
      writing.end();
      return sent;
    },
  };
}

/** Sends entries one after another in the background. */
interface Sender {
  send(key: Digest): void;
  /** So far. */
  sent(): SentReport;
  /** Makes it visible; waits for nothing where nothing was sent. */
  finish(): Promise<SentReport>;
}

const NOTHING_SENT: SentReport = { entries: 0, bytes: 0 };

function createSender(opened: Promise<OpenedSnapshot>, writing: Patience, { onUnwritable }: TierTrouble): Sender {
  let sending: Promise<void> | undefined;
  let entries = 0;
  let finished: Promise<SentReport> | undefined;
  let report: SentReport | undefined;

  async function publish(): Promise<SentReport> {
    if (sending === undefined) return NOTHING_SENT;
    try {
      const { writer } = await opened;
      await sending;
      return writer === undefined ? NOTHING_SENT : await writing.wait(writer.finish());
    } catch (error) {
      onUnwritable(error);
      return NOTHING_SENT;
    }
  }

  return {
    send(key) {
      sending = (sending ?? Promise.resolve()).then(async () => {
        if ((await opened).writer?.add(key) === true) entries++;
      });
    },
    sent: () => report ?? { entries, bytes: writing.bytes() },
    finish: async () => {
      finished ??= publish();
      report = await finished;
      return report;
    },
  };
}
