import { createServer, createServerFromManifest, type ServerEvent } from '@mcpgen/server/runtime';
import { createRedisStore } from '@mcpgen/server-runtime-perf/redis-store';
import { type RedisServer, redisMissing, startRedis } from '@mcpgen/testing';
import { createClient } from '@redis/client';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { builtServer } from './built-server.ts';
import { byHeader, cachedTool, info, textFor } from './cached-tool.ts';
import { running, textOf } from './running.ts';

/** A connector of a built server, which lies where no package can be found. */
const connectorSource = (url: string) => `
import { createClient } from ${JSON.stringify(import.meta.resolve('@redis/client'))};
export default {
  open: async () => {
    const client = createClient({ url: ${JSON.stringify(url)} });
    client.on('error', () => {});
    await client.connect();
    return client;
  },
  close: (client) => client.destroy(),
};
`;

const source = '{ runs: 0, async handler({ a }) { return `${a} by ${process.pid} ${++this.runs}`; } }';
const kept = { source, cache: { ttl: 3_600_000, scope: 'user' }, annotations: { readOnlyHint: true } } as const;

describe.skipIf(redisMissing(process.env) !== undefined)('results in Redis', () => {
  let redis: RedisServer;
  const closing: (() => void)[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  async function openClient() {
    const client = createClient({ url: redis.url });
    client.on('error', () => {});
    await client.connect();
    closing.push(() => client.destroy());
    return client;
  }

  async function sharedStore(prefix: string) {
    const client = await openClient();
    const store = createRedisStore({ client, prefix, timeout: 2000 });
    closing.unshift(() => store.close());
    return store;
  }

  async function builtReplica(name: string, code: string = source, url = redis.url) {
    const manifest = {
      info: { name, version: '1.0.0' },
      connectors: { redis: { module: './modules/connectors/redis.js' } },
      options: { resultCache: { store: 'redis' } },
    };
    const built = await builtServer({ kept: { ...kept, source: code } }, manifest);
    await built.write({ 'modules/connectors/redis.js': connectorSource(url) });
    const events: ServerEvent[] = [];
    const server = createServerFromManifest(built.directory, { onEvent: (event) => events.push(event) });
    const it = await running(server);
    const stored = () => vi.waitFor(() => expect(server.resultCacheStats()?.stored).toBeGreaterThan(0));
    return {
      ...it,
      events,
      stored,
      text: async (a: string) => textOf(await it.call('kept', { a })),
      async [Symbol.asyncDispose]() {
        await it[Symbol.asyncDispose]();
        await built[Symbol.asyncDispose]();
      },
    };
  }

  /** Its first call may find Redis not open yet, which is a miss like any other. */
  const warm = (replica: Awaited<ReturnType<typeof builtReplica>>) =>
    vi.waitFor(
      async () => {
        await replica.text('warm');
        expect(replica.server.resultCacheStats()?.hits).toBeGreaterThan(0);
      },
      { timeout: 10_000, interval: 100 },
    );

  it('are shared by replicas of one build, and answered to the caller’s own id', async () => {
    await using one = await builtReplica('weather');
    await using two = await builtReplica('weather');
    await warm(one);
    await warm(two);
    const first = await one.text('x');
    await vi.waitFor(async () => expect(await two.text('x')).toBe(first));
    expect(two.server.resultCacheStats()?.farHits).toBeGreaterThan(0);
    await one.server.clearResults('kept');
    expect(await one.text('x')).not.toBe(first);
    await vi.waitFor(async () => expect(await two.text('x')).not.toBe(first));
  });

  it('are not shared by builds whose code differs, nor by servers of other names', async () => {
    await using one = await builtReplica('rates');
    await using newer = await builtReplica('rates', source.replace('by', 'anew by'));
    await using other = await builtReplica('other');
    for (const replica of [one, newer, other]) await warm(replica);
    await one.text('x');
    expect(await newer.text('x')).toMatch(/^x anew by/);
    await other.text('x');
    expect(other.server.resultCacheStats()?.farHits ?? 0).toBeLessThanOrEqual(1); // its own, of the warm-up
  });

  it('are misses while the connector cannot be opened, and the operator is told once', async () => {
    await using it = await builtReplica('away', source, 'redis://127.0.0.1:1');
    const texts = [await it.text('x'), await it.text('x'), await it.text('x')];
    expect(new Set(texts).size).toBe(3);
    const told = () => it.events.filter(({ type }) => type === 'result-store-down');
    await vi.waitFor(() => expect(told()).toHaveLength(1), { timeout: 10_000 });
    await it.text('x');
    expect(told()).toHaveLength(1);
  });

  it('are removed when they do not parse: the call runs, the operator is told, the server is well', async () => {
    await using it = await builtReplica('broken');
    const admin = await openClient();
    await warm(it);
    const first = await it.text('x');
    await vi.waitFor(async () => expect((await admin.keys('mcpgen:broken:*')).length).toBe(3));
    for (const key of await admin.keys('mcpgen:broken:*')) {
      if (!key.endsWith('epochs')) await admin.set(key, '{"content":[{"type":"text","text":"forged"}]}');
    }
    // Another process, which has none of it in memory.
    await it.server.clearResults();
    const second = await it.text('x');
    expect(second).not.toBe(first);
    expect(it.events.map(({ type }) => type)).toContain('result-refused');
    expect(it.events.map(({ type }) => type)).not.toContain('handler-failed');
  });

  it('never pass from one caller to another, whoever they are, with stale answers and renewals among them', {
    timeout: 120_000,
  }, async () => {
    const handle = (_input: never, { caller }: { caller?: unknown }) => JSON.stringify(caller ?? 'anonymous');
    const cache = { ttl: 30, staleWhileRevalidate: '1h' };
    const replicas = await Promise.all(
      [1, 2].map(async () => {
        const { tool } = cachedTool({ cache }, handle);
        const store = await sharedStore('callers:');
        return running(createServer({ info, tools: { tool } }, { resultCache: { store } }), byHeader);
      }),
    );
    const text = fc.string({
      unit: fc.constantFrom('a', '|', ' ', ':', '"', ',', '\u00e9', '\u0000', '😀'),
      maxLength: 3,
    });
    const caller = fc.record(
      { issuer: text, subject: text, clientId: text, scopes: fc.uniqueArray(text, { maxLength: 2 }) },
      { requiredKeys: ['issuer', 'subject', 'scopes'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(caller, { minLength: 2, maxLength: 6 }), async (callers) => {
        const wanted = [...callers, ...callers].flatMap((one) => replicas.map((replica) => [one, replica] as const));
        await Promise.all(
          wanted.map(async ([one, replica]) => {
            const answered: unknown = JSON.parse(await textFor(replica, asciiSafe(one)));
            expect(sortScopes(answered)).toEqual(sortScopes(asciiSafe(one)));
          }),
        );
      }),
      { numRuns: 40 },
    );
    const counts = replicas.map(({ server }) => server.resultCacheStats());
    expect(Math.max(...counts.map((stats) => stats?.hits ?? 0))).toBeGreaterThan(0);
    await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
  });
});

/** Headers carry no more than Latin 1: what is beyond goes escaped, each text as another one. */
function asciiSafe<T extends object>(caller: T): T {
  return JSON.parse(JSON.stringify(caller), (_key, value: unknown) =>
    typeof value === 'string' ? encodeURIComponent(value) : value,
  ) as T;
}

/** The same scopes in another order are the same caller. */
function sortScopes(caller: unknown): unknown {
  if (typeof caller !== 'object' || caller === null || !('scopes' in caller)) return caller;
  return { ...caller, scopes: Array.isArray(caller.scopes) ? [...caller.scopes].sort() : [] };
}
