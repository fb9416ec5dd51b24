import type { MemoryStoreOptions } from './memory-store.ts';
import type { RedisClient } from './redis-client.ts';
import type { RefusedEntry } from './redis-entry.ts';

export interface RedisStoreOptions extends MemoryStoreOptions {
  /** A client that the caller opens and closes, or what opens one: asked again after each failure. */
  readonly client: RedisClient | (() => RedisClient | Promise<RedisClient>);
  /** What all keys begin with. Stores with the same one share their results. Default: `mcpgen:results:`. */
  readonly prefix?: string;
  /** Signs entries, so that nobody without it can write one that is believed. Default: none, which tells damage only. */
  readonly secret?: string;
  /** Bytes of a result in UTF-8; a larger one stays in this process. Default: 1 MiB. */
  readonly maxValueBytes?: number;
  /** Milliseconds that a look into Redis may take. Default: 50. */
  readonly timeout?: number;
  /** Milliseconds for which Redis is left alone after a failure; longer after each further one, up to tenfold. Default: 500. */
  readonly pause?: number;
  /** Whether results are kept in this process too, within `maxBytes` and `maxEntries`. Default: true. */
  readonly near?: boolean;
  readonly onEvent?: (event: RedisStoreEvent) => void;
}

export type RedisStoreEvent =
  /** Redis failed or took too long, and answers again. */
  | { readonly type: 'redis-down'; readonly error: unknown }
  | { readonly type: 'redis-up' }
  /** Whether this process hears what others clear. While it does not, nothing is answered from its memory. */
  | { readonly type: 'channel-down' }
  | { readonly type: 'channel-up' }
  /** What lay at the key of a result was none, and was removed. */
  | { readonly type: 'entry-refused'; readonly key: string; readonly reason: RefusedEntry | 'wrong type' }
  /** A result was too large for Redis, or Redis would not take it: it is full, or may not be written. */
  | { readonly type: 'too-large'; readonly key: string; readonly bytes: number }
  | { readonly type: 'write-refused'; readonly key: string; readonly error: unknown };
