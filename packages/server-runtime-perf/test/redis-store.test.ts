import { createRedisStore } from '@mcpgen/server-runtime-perf/redis-store';
import { createMemoryStore } from '@mcpgen/server-runtime-perf/result-cache';
import { fakeClock, type RedisServer, redisMissing, startRedis } from '@mcpgen/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { libraries } from './redis-clients.ts';
import { describeResultStore } from './result-store.contract.ts';

describeResultStore('createMemoryStore', async () => {
  const clock = fakeClock(1000);
  return { store: createMemoryStore({ now: clock.now }), advance: clock.advance, close: async () => {} };
});

const missing = redisMissing(process.env);

describe.skipIf(missing !== undefined)('createRedisStore', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  let opened = 0;
  for (const [library, open] of Object.entries(libraries)) {
    for (const near of [true, false]) {
      describeResultStore(`with ${library}${near ? '' : ', without a near cache'}`, async () => {
        const { client, close } = await open(redis.url);
        opened += 1;
        const store = createRedisStore({ client, prefix: `test${opened}:`, near, timeout: 1000 });
        return {
          store,
          // Redis has a clock of its own, which nobody can move.
          advance: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
          close: async () => {
            store.close();
            close();
          },
        };
      });
    }
  }
});

it.runIf(missing !== undefined)(`createRedisStore is not tested: ${missing}`, () => {});
