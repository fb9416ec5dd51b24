import { createRedisStore } from '@mcpgen/server-runtime-perf/redis-store';
import { createResultCacheCounter, withResultCache } from '@mcpgen/server-runtime-perf/result-cache';
import { createClient } from '@redis/client';

/** A replica: a process of its own that answers over IPC. Its runs say who ran them, and how often. */
const [name = '', url = ''] = process.argv.slice(2);
const client = createClient({ url });
client.on('error', () => {});
await client.connect();
const store = createRedisStore({ client, timeout: 1000 });
const counter = createResultCacheCounter();
let runs = 0;
const cached = withResultCache(async (input: string) => `${input} by ${name} ${++runs}`, {
  ttl: 60_000,
  key: (input) => input,
  tag: 'tool',
  store,
  onEvent: counter.count,
});

/** Answers when what it found out lies in Redis. */
async function call(input: string): Promise<string> {
  const answer = await cached(input, { signal: new AbortController().signal });
  while (counter.counts().stored < runs) await new Promise((resolve) => setImmediate(resolve));
  return answer;
}

process.on('message', async ([id, command, argument]: [number, string, string | null]) => {
  const answer =
    command === 'call'
      ? await call(argument ?? '')
      : command === 'clear'
        ? await store.clear(argument ?? undefined)
        : { ...counter.counts(), entries: store.entries };
  process.send?.([id, answer ?? null]);
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
