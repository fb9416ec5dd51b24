export type {
  IoRedisClient,
  IoRedisSubscriber,
  NodeRedisClient,
  NodeRedisSubscriber,
  RedisClient,
} from './lib/redis-client.ts';
export type { RefusedEntry } from './lib/redis-entry.ts';
export { createRedisStore, type RedisStore } from './lib/redis-store.ts';
export type { RedisStoreEvent, RedisStoreOptions } from './lib/redis-store-options.ts';
