import { createRedisStore } from '@mcpgen/server-runtime-perf/redis-store';
import { createResultCacheCounter, resultKey, withResultCache } from '@mcpgen/server-runtime-perf/result-cache';
import { createClient } from '@redis/client';

// Without a Redis the example shows the other half of the promise: calls are answered all the same.
const url = process.env.MCPGEN_TEST_REDIS_URL ?? 'redis://127.0.0.1:1';
const client = createClient({ url, socket: { reconnectStrategy: false } });
client.on('error', () => {});
const isUp = await client.connect().then(
  () => true,
  () => false,
);

let lookups = 0;

/** One of several processes that serve the same. */
function startReplica() {
  const store = createRedisStore({ client, prefix: `example:${process.pid}:` });
  const counter = createResultCacheCounter();
  const lookUp = withResultCache(async (city: string) => ({ city, lookup: ++lookups }), {
    ttl: 60_000,
    staleWhileRevalidate: 600_000,
    key: (city) =>
      resultKey({ server: 'weather', build: '1', tool: 'lookUp', version: '1', scope: 'public', arguments: { city } }),
    tag: 'lookUp',
    store,
    onEvent: counter.count,
  });
  return { lookUp, store, counter };
}

const [one, two] = [startReplica(), startReplica()];
const context = { signal: new AbortController().signal };

await one.lookUp('Bern', context);
while (one.counter.counts().stored < 1) await new Promise((resolve) => setImmediate(resolve)); // nobody waits for a write
await two.lookUp('Bern', context);
if (lookups !== (isUp ? 1 : 2)) throw new Error(`Expected ${isUp ? 1 : 2} lookups, saw ${lookups}`);

if (isUp) {
  await one.store.clear('lookUp');
  await one.lookUp('Bern', context);
  if (lookups !== 2) throw new Error('Expected the cleared result to be looked up again');
}

for (const { store } of [one, two]) store.close();
if (isUp) client.destroy();
