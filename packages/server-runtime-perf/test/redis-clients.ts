import type { RedisClient } from '@mcpgen/server-runtime-perf/redis-store';
import { createClient } from '@redis/client';
import { Redis } from 'ioredis';
import { Redis as Valkey } from 'iovalkey';

export interface OpenClient {
  readonly client: RedisClient;
  close(): void;
}

/** The libraries that are promised to fit, as their own documentation opens them. */
export const libraries: Readonly<Record<string, (url: string) => Promise<OpenClient>>> = {
  'node-redis': async (url) => {
    const client = createClient({ url });
    client.on('error', () => {});
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  ioredis: async (url) => {
    const client = new Redis(url);
    client.on('error', () => {});
    return { client, close: () => client.disconnect() };
  },
  iovalkey: async (url) => {
    const client = new Valkey(url);
    client.on('error', () => {});
    return { client, close: () => client.disconnect() };
  },
};
