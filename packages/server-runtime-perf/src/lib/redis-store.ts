import { parseEntry, type RedisEntry, writeEntry } from './redis-entry.ts';
import { isWrongType } from './redis-epochs.ts';
import { RedisLink } from './redis-link.ts';
import type { RedisStoreOptions } from './redis-store-options.ts';
import type { ResultStore, SetOptions, StoredResult } from './result-store.ts';

/** Results that several processes share. `clear` and `delete` reject with `STORE_UNREACHABLE`; nothing else rejects. */
export interface RedisStore extends ResultStore {
  peek(key: string): StoredResult | undefined;
  get(key: string, tag?: string): Promise<StoredResult | undefined>;
  set(key: string, text: string, options: SetOptions): Promise<void>;
  delete(key: string): Promise<void>;
  clear(tag?: string): Promise<void>;
  epoch(tag?: string): string;
  /** Of what is kept in this process. */
  readonly bytes: number;
  readonly entries: number;
  /** Whether Redis answered when it was last asked. */
  readonly isUp: boolean;
  /** Ends the connection on which it listens. The client stays open. */
  close(): void;
}

/**
 * Keeps results in Redis or Valkey (6.2 or later), those that this process asked for in its memory too. Redis away is a
 * miss, never an error and never a wait beyond `timeout`; it is left alone for a while and then tried by one call.
 */
export function createRedisStore(options: RedisStoreOptions): RedisStore {
  const link = new RedisLink(options);
  const { near } = link;
  return {
    peek: (key) => {
      if (!near.isTrusted()) return undefined;
      const stored = near.get(key);
      if (stored !== undefined && near.isAging()) link.confirm();
      return stored;
    },
    get: async (key, tag) => {
      const stored = near.isTrusted() ? near.get(key) : undefined;
      return stored ?? (await link.ask(() => readFar(link, key, tag)))?.stored;
    },
    set: async (key, text, set) => {
      await link.ask(async () => {
        const epoch = near.epoch(set.tag) ?? (await link.readEpochs(set.tag)).epoch;
        if (set.epoch === undefined || set.epoch === epoch) await write(link, { key, text, set: { ...set, epoch } });
        return link;
      });
    },
    delete: async (key) => {
      near.delete(key);
      await link.tell(async (port) => {
        await port.send(['DEL', link.entryKey(key)]);
        return { count: await link.epochs.count(port), key };
      });
    },
    clear: async (tag) => {
      near.clear(tag);
      await link.tell(async (port) => ({
        count: await link.epochs.renew(port, tag),
        ...(tag !== undefined && { tag }),
      }));
    },
    epoch: (tag) => near.epoch(tag) ?? UNKNOWN,
    get bytes() {
      return near.bytes;
    },
    get entries() {
      return near.entries;
    },
    get isUp() {
      return link.isUp;
    },
    close: () => link.close(),
  };
}

/** Of a run that began while Redis was away: nobody knows what has been cleared meanwhile. */
const UNKNOWN = 'unknown';

/** What Redis has under a key. */
async function readFar(
  link: RedisLink,
  key: string,
  tag: string | undefined,
): Promise<{ readonly stored: StoredResult | undefined }> {
  const port = await link.port();
  const [value, reading] = await Promise.all([
    port.send(['GET', link.entryKey(key)]).catch((error: unknown) => {
      if (isWrongType(error)) return error;
      throw error;
    }),
    link.epochs.read(port, tag),
  ]);
  const isCurrent = link.near.learn(reading, tag);
  if (value === null || value === undefined) return { stored: undefined };
  const entry = value instanceof Error ? 'wrong type' : parseEntry(String(value), { key, secret: link.secret });
  if (typeof entry === 'string') {
    link.emit({ type: 'entry-refused', key, reason: entry });
    await port.send(['DEL', link.entryKey(key)]);
    return { stored: undefined };
  }
  if (entry.epoch !== reading.epoch || entry.endsAt < reading.time) return { stored: undefined };
  const fresh = entry.staleAt - reading.time;
  if (isCurrent && fresh > 0) keepNear(link, entry, { ttl: fresh, ...(tag !== undefined && { tag }) });
  return { stored: { text: entry.text, fresh, source: 'far' } };
}

/** Without its stale time: another process may have renewed it by then. */
function keepNear({ near }: RedisLink, { key, text, epoch }: RedisEntry, set: SetOptions): void {
  near.set(key, text, { ...set, stale: 0, epoch });
}

interface Write {
  readonly key: string;
  readonly text: string;
  readonly set: SetOptions & { readonly epoch: string };
}

/** Writes an entry that ends by itself, in Redis where it is not too large. */
async function write(link: RedisLink, { key, text, set }: Write): Promise<void> {
  const { ttl, stale = 0, epoch } = set;
  const { near, secret, maxValueBytes } = link;
  const time = near.redisTime();
  if (time === undefined) return;
  const staleAt = time + ttl;
  const entry = { key, text, epoch, staleAt, endsAt: staleAt + stale };
  keepNear(link, entry, set);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxValueBytes) return link.emit({ type: 'too-large', key, bytes });
  const port = await link.port();
  // An absolute end: a command that a client holds back while Redis is away must not begin a new life when it returns.
  const end = String(Math.ceil(entry.endsAt));
  try {
    await port.send(['SET', link.entryKey(key), writeEntry(entry, secret), 'PXAT', end]);
  } catch (error) {
    if (!isReply(error)) throw error;
    link.emit({ type: 'write-refused', key, error });
  }
}

/** Redis answered, and said no: `OOM command not allowed ...`. */
function isReply(error: unknown): boolean {
  return error instanceof Error && /^[A-Z]{2,} /.test(error.message);
}
