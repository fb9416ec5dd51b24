import { createHash } from 'node:crypto';
import {
  createRedisStore,
  type RedisStoreEvent,
  type RedisStoreOptions,
} from '@mcpgen/server-runtime-perf/redis-store';
import { createResultCacheCounter, withResultCache } from '@mcpgen/server-runtime-perf/result-cache';
import { eventRecorder, type RedisServer, redisMissing, startRedis } from '@mcpgen/testing';
import { createClient, type RedisClientType } from '@redis/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { libraries } from './redis-clients.ts';

const PREFIX = 'test:';
/** Where the result of a key lies in Redis. */
const keyOf = (key: string) => `${PREFIX}${createHash('sha256').update(key).digest('base64url')}`;

describe.skipIf(redisMissing(process.env) !== undefined).each(Object.entries(libraries))(
  'with %s',
  (_library, open) => {
    let redis: RedisServer;
    let admin: RedisClientType;
    const closing: (() => void)[] = [];

    beforeEach(async () => {
      redis = await startRedis();
      admin = createClient({ url: redis.url }) as RedisClientType;
      admin.on('error', () => {});
      await admin.connect();
    });
    afterEach(async () => {
      for (const close of closing.splice(0)) close();
      admin.destroy();
      await redis[Symbol.asyncDispose]();
    });

    /** One replica. Its clock can be moved past the pauses. */
    async function replica(options: Partial<RedisStoreOptions> = {}) {
      const { client, close } = await open(redis.url);
      const events = eventRecorder<RedisStoreEvent>();
      let skew = 0;
      const now = () => performance.now() + skew;
      const store = createRedisStore({
        client,
        prefix: PREFIX,
        now,
        onEvent: events.onEvent,
        timeout: 1000,
        ...options,
      });
      closing.push(() => {
        store.close();
        close();
      });
      const counter = createResultCacheCounter();
      let runs = 0;
      const cached = withResultCache(async (input: string) => `${input} ${++runs}`, {
        ttl: 60_000,
        key: (input) => input,
        tag: 'tool',
        store,
        onEvent: counter.count,
      });
      return {
        client,
        store,
        events,
        counts: counter.counts,
        /** Answers when what was to be written has been, or has failed. */
        call: async (input = 'a') => {
          const answer = await cached(input, { signal: new AbortController().signal });
          await vi.waitFor(() => expect(counter.counts().stored).toBe(runs), { interval: 1 });
          return answer;
        },
        runs: () => runs,
        wait: (milliseconds: number) => {
          skew += milliseconds;
        },
        /** Until it answers from its own memory. */
        settle: () =>
          vi.waitFor(async () => {
            await cached('settle', { signal: new AbortController().signal });
            expect(store.peek('settle')).toBeDefined();
          }),
      };
    }

    /** Until Redis is used again. Each try is past the pause. */
    const recovered = ({ call, store, wait }: Awaited<ReturnType<typeof replica>>) =>
      vi.waitFor(
        async () => {
          wait(60_000);
          await call('probe');
          expect(store.isUp).toBe(true);
        },
        { timeout: 20_000 },
      );

    it('answers without Redis, waits for it once and not again, and uses it again when it is back', async () => {
      const it = await replica({ timeout: 50 });
      expect(await it.call()).toBe('a 1');
      await redis.kill();
      it.wait(2000); // what it has in memory may be outdated by now
      const started = performance.now();
      for (let count = 0; count < 20; count += 1) await it.call();
      expect(performance.now() - started).toBeLessThan(1000); // one timeout of 50 ms, not twenty
      expect(it.runs()).toBe(21);
      expect(it.counts().errors).toBe(0);
      expect(it.events.types().filter((type) => type === 'redis-down')).toHaveLength(1);
      await redis.start();
      await recovered(it);
      const before = await it.call('b');
      expect(await it.call('b')).toBe(before);
      expect(it.events.types()).toContain('redis-up');
    });

    it('does not take a client that takes its time to open for a Redis that is away', async () => {
      const opening = Promise.withResolvers<void>();
      const { client, close } = await open(redis.url);
      closing.push(close);
      const opens = vi.fn(async () => {
        await opening.promise;
        return client;
      });
      const it = await replica({ client: opens, timeout: 50 });
      expect([await it.call(), await it.call()]).toEqual(['a 1', 'a 2']);
      opening.resolve();
      await vi.waitFor(async () => expect(await it.call()).toBe(await it.call()));
      expect(opens).toHaveBeenCalledOnce();
      expect(it.events.types()).not.toContain('redis-down');
    });

    it('opens a client that could not be opened again, after a pause', async () => {
      const { client, close } = await open(redis.url);
      closing.push(close);
      const opens = vi.fn(async () => client);
      opens.mockRejectedValueOnce(new Error('no such host'));
      const it = await replica({ client: opens });
      expect([await it.call(), await it.call()]).toEqual(['a 1', 'a 2']);
      expect(opens).toHaveBeenCalledOnce();
      it.wait(501);
      await it.call();
      expect(opens).toHaveBeenCalledTimes(2);
      expect(it.events.types().filter((type) => type.startsWith('redis'))).toEqual(['redis-down', 'redis-up']);
    });

    it('answers while Redis hangs, within a small bound', async () => {
      const it = await replica({ timeout: 50 });
      await it.call();
      it.wait(2000);
      redis.pause();
      const started = performance.now();
      expect(await it.call()).toBe('a 2');
      expect(await it.call()).toBe('a 3');
      expect(performance.now() - started).toBeLessThan(400);
      redis.resume();
      await recovered(it);
    });

    it('answers while Redis takes no commands', async () => {
      const it = await replica({ timeout: 50 });
      await it.call();
      it.wait(2000);
      await admin.sendCommand(['CLIENT', 'PAUSE', '300', 'ALL']);
      expect(await it.call()).toBe('a 2');
      await recovered(it);
    });

    it('survives CLIENT KILL of all its connections, and trusts its memory only once it hears again', async () => {
      const it = await replica();
      await it.settle();
      await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
      await vi.waitFor(() => expect(it.events.types()).toContain('channel-down'));
      expect(it.store.peek('settle')).toBeUndefined();
      await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
      await recovered(it);
      await vi.waitFor(() => {
        it.wait(300);
        return it.settle();
      });
      expect(it.events.types().at(-1)).toBe('channel-up');
    });

    it('answers from Redis alone while it may not listen', async () => {
      await admin.sendCommand(['ACL', 'SETUSER', 'default', 'resetchannels']);
      const it = await replica();
      for (const _ of [1, 2, 3]) {
        expect(await it.call()).toBe('a 1');
        it.wait(300);
      }
      expect(it.store.peek('a')).toBeUndefined();
      expect(it.counts()).toMatchObject({ hits: 2, farHits: 2, errors: 0 });
    });

    it('notices a clear whose message was lost, within its lease', async () => {
      const [one, two] = [await replica(), await replica()];
      await one.call('x');
      await two.settle();
      const before = await two.call();
      expect(two.store.peek('a')).toBeDefined();
      // As a clear that was not published.
      await admin.hSet(`${PREFIX}epochs`, 'tag:tool', 'other');
      await admin.hIncrBy(`${PREFIX}epochs`, 'count', 1);
      two.wait(1001);
      expect(two.store.peek('a')).toBeUndefined();
      expect(await two.call()).not.toBe(before);
    });

    it('is told of a clear at once', async () => {
      const [one, two] = [await replica(), await replica()];
      await two.settle();
      await two.call();
      await one.store.clear('tool');
      await vi.waitFor(() => expect(two.store.peek('a')).toBeUndefined());
      expect(two.store.isUp).toBe(true);
    });

    it.each<[string, (value: string) => string[], string]>([
      ['damaged', (value) => ['SET', keyOf('a'), `${value.slice(0, -2)}x"`], 'unreadable'],
      ['cut off', (value) => ['SET', keyOf('a'), value.slice(0, 70)], 'unreadable'],
      ['something else', () => ['SET', keyOf('a'), '"a 1"'], 'unreadable'],
      ['empty', () => ['SET', keyOf('a'), ''], 'unreadable'],
      ['of another type', () => ['LPUSH', keyOf('a'), 'x'], 'wrong type'],
    ])('takes an entry that is %s for a miss, and removes it', async (_what, write, reason) => {
      const it = await replica({ near: false });
      await it.call();
      const value = await admin.get(keyOf('a'));
      await admin.del(keyOf('a'));
      await admin.sendCommand(write(value ?? ''));
      expect(await it.call()).toBe('a 2');
      expect(it.events.events).toContainEqual({ type: 'entry-refused', key: 'a', reason });
      expect(await it.call()).toBe('a 2');
      expect(it.store.isUp).toBe(true);
    });

    it('never answers with the entry of another key, be it moved there', async () => {
      const it = await replica({ near: false });
      await it.call('victim');
      await it.call('attacker');
      await admin.sendCommand(['COPY', keyOf('victim'), keyOf('attacker'), 'REPLACE']);
      expect(await it.call('attacker')).toBe('attacker 3');
      expect(it.events.events).toContainEqual({ type: 'entry-refused', key: 'attacker', reason: 'foreign' });
    });

    it('believes only who knows its secret', async () => {
      const it = await replica({ near: false, secret: 'one' });
      await it.call();
      const value = (await admin.get(keyOf('a'))) ?? '';
      const forged = value.slice(value.indexOf('\n') + 1).replace('"a 1"', '"forged"');
      const digest = createHash('sha256').update(forged).digest('base64url');
      await admin.set(keyOf('a'), `mcpgen-rc-1 ${digest}\n${forged}`);
      expect(await it.call()).toBe('a 2');
      const other = await replica({ near: false, secret: 'two' });
      expect(await other.call()).toBe('a 1'); // its own first run
    });

    it('removes an entry whose text is no JSON, and tells', async () => {
      const it = await replica({ near: false });
      await it.store.get('a', 'tool');
      await it.store.set('a', '{"half":', { ttl: 60_000, tag: 'tool' });
      expect(await it.call()).toBe('a 1');
      expect(it.counts().errors).toBe(1);
      expect(await it.call()).toBe('a 1');
    });

    it('begins anew after FLUSHALL', async () => {
      const it = await replica();
      await it.settle();
      await it.call();
      await admin.flushAll();
      it.wait(1001);
      expect(await it.call()).toBe('a 3');
      expect(it.store.isUp).toBe(true);
    });

    it('gets by when something else lies where it counts its clears', async () => {
      const it = await replica({ near: false });
      await it.call();
      await admin.set(`${PREFIX}epochs`, 'x');
      expect(await it.call()).toBe('a 2');
      expect(await it.call()).toBe('a 2');
      await admin.hSet(`${PREFIX}epochs`, 'count', 'many');
      expect(await it.call()).toBe('a 3');
      expect(await it.call()).toBe('a 3');
    });

    it('gives every entry an end, which is that of its stale time', async () => {
      const it = await replica();
      await it.store.set('a', '1', { ttl: 10_000, stale: 20_000 });
      const left = await admin.pTTL(keyOf('a'));
      expect(left).toBeGreaterThan(29_000);
      expect(left).toBeLessThanOrEqual(30_001);
      const keys = await admin.keys('*');
      const withoutEnd = [];
      for (const key of keys) if ((await admin.pTTL(key)) === -1) withoutEnd.push(key);
      expect(withoutEnd).toEqual([`${PREFIX}epochs`]);
    });

    it('does not store what is too large, and tells', async () => {
      const it = await replica({ near: false, maxValueBytes: 10 });
      await it.call('x'.repeat(20));
      expect(it.events.types()).toContain('too-large');
      expect(await admin.keys('*')).toEqual([`${PREFIX}epochs`]);
    });

    it('goes on reading when Redis takes no writes', async () => {
      const it = await replica({ near: false });
      await it.call();
      await admin.configSet('maxmemory', '1');
      await it.call('b');
      expect(it.events.types()).toContain('write-refused');
      expect(it.store.isUp).toBe(true);
      expect(await it.call()).toBe('a 1');
    });

    it('does not listen again for a call that outlasts its closing', async () => {
      const it = await replica();
      await it.settle();
      const duplicate = vi.spyOn(it.client, 'duplicate');
      it.store.close();
      it.wait(300);
      expect(await it.call('b')).toMatch(/^b /);
      expect(duplicate).not.toHaveBeenCalled();
    });

    it('tells whoever clears that Redis is away', async () => {
      const it = await replica();
      await it.call();
      await redis.kill();
      await expect(it.store.clear()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    });
  },
);
