export { type Redis, type RedisEvent, type RedisOptions, type RedisStats, redis } from './lib/redis.ts';
