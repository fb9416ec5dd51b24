import { createMemoryStore, type MemoryStoreOptions } from './memory-store.ts';
import type { ClearMessage, RedisChannel } from './redis-channel.ts';
import type { EpochReading } from './redis-epochs.ts';
import type { SetOptions, StoredResult } from './result-store.ts';

/** What this process has in memory of what lies in Redis, and what it knows of the clears of all. */
export interface NearCache {
  /** Whether what it holds may be answered: messages arrive, and a moment ago none had been missed. */
  isTrusted(): boolean;
  /** Whether it is time to ask again if a message was missed. */
  isAging(): boolean;
  get(key: string): StoredResult | undefined;
  set(key: string, text: string, options: SetOptions): void;
  delete(key: string): void;
  clear(tag?: string): void;
  /** What a run must bring along for its result to be kept; `undefined` where Redis has not been heard of. */
  epoch(tag?: string): string | undefined;
  /** Takes in what Redis says. @returns whether nothing newer is known. */
  learn(reading: EpochReading, tag: string | undefined): boolean;
  hear(message: ClearMessage): void;
  /** Milliseconds by Redis' clock, as far as it is known. */
  redisTime(): number | undefined;
  readonly bytes: number;
  readonly entries: number;
}

export interface NearCacheOptions extends MemoryStoreOptions {
  readonly near?: boolean;
  readonly now: () => number;
  readonly channel: Pick<RedisChannel, 'isUp' | 'distrust'>;
}

/** Milliseconds for which Redis' word that no message was missed is believed: a channel may die without a sign. */
const LEASE = 1000;

export function createNearCache({ near = true, channel, ...options }: NearCacheOptions): NearCache {
  const { now } = options;
  const memory = createMemoryStore(options);
  const epochs = new Map<string | undefined, string>();
  let count = Number.NEGATIVE_INFINITY;
  let learnedAt = Number.NEGATIVE_INFINITY;
  let offset: number | undefined;

  function forget(): void {
    memory.clear();
    epochs.clear();
  }

  return {
    isTrusted: () => near && channel.isUp && now() - learnedAt <= LEASE,
    isAging: () => now() - learnedAt > LEASE / 2,
    get: memory.get,
    set: (key, text, { epoch, ...set }) => {
      if (near && epoch !== undefined && epoch === epochs.get(set.tag)) memory.set(key, text, set);
    },
    delete: memory.delete,
    clear: (tag) => {
      if (tag === undefined) return forget();
      memory.clear(tag);
      epochs.delete(tag);
    },
    epoch: (tag) => epochs.get(tag),
    learn: (reading, tag) => {
      offset = reading.time - now();
      if (reading.count < count) return false;
      if (reading.count > count) {
        // The message may still be on its way, or it was lost: then the channel is not what it seems.
        if (count !== Number.NEGATIVE_INFINITY) channel.distrust();
        forget();
        count = reading.count;
      }
      learnedAt = now();
      epochs.set(tag, reading.epoch);
      return true;
    },
    hear: (message) => {
      if (message.count > count + 1) forget();
      else if ('key' in message) memory.delete(message.key);
      else if (message.tag === undefined) forget();
      else {
        memory.clear(message.tag);
        epochs.delete(message.tag);
      }
      if (message.count > count && count !== Number.NEGATIVE_INFINITY) count = message.count;
    },
    redisTime: () => (offset === undefined ? undefined : now() + offset),
    get bytes() {
      return memory.bytes;
    },
    get entries() {
      return memory.entries;
    },
  };
}
