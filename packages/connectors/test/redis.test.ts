import { type RedisEvent, type RedisOptions, redis } from '@mcpgen/connectors/redis';
import { createRedisStore } from '@mcpgen/server-runtime-perf/redis-store';
import { eventRecorder, serviceForTest } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { startTcpProxy } from './tcp-proxy.ts';

const service = serviceForTest('MCPGEN_TEST_REDIS_URL', {
  script: 'scripts/services/start-redis.sh',
  environment: process.env,
});
if (service.kind === 'absent') process.stderr.write(`skipped: redis.test.ts: ${service.reason}\n`);
const url = service.kind === 'present' ? service.address : '';
const { signal } = new AbortController();
/** For what takes its time on a busy machine. */
const patient = { timeout: 10_000 };
const key = `connectors-test:${process.pid}`;

async function connected(options: Partial<RedisOptions> = {}) {
  const { onEvent, ofType, types } = eventRecorder<RedisEvent>();
  const db = await redis({ url, onEvent, retryDelay: { first: 10, most: 100 }, ...options }).open({ signal });
  return { db, ofType, types, [Symbol.asyncDispose]: () => db.close() };
}

/** The same server behind a network that can fail. */
async function proxied() {
  const { hostname: host, port } = new URL(url);
  const proxy = await startTcpProxy({ host, port: Number(port || 6379) });
  const through = new URL(url);
  through.host = `127.0.0.1:${proxy.port}`;
  return { proxy, url: through.href };
}

describe.skipIf(service.kind === 'absent')('redis', () => {
  it('runs commands, typed', async () => {
    await using it = await connected();
    const text: string | null = await it.db.run(async (client) => {
      await client.set(key, 'value', { expiration: { type: 'PX', value: 5000 } });
      return client.get(key);
    });
    expect(text).toBe('value');
    expect(it.db.stats()).toEqual({ isReady: true, busy: 0 });
  });

  it('hands on what the server refuses, and goes on', async () => {
    await using it = await connected();
    await it.db.run((client) => client.set(key, 'text', { expiration: { type: 'PX', value: 5000 } }));
    await expect(it.db.run((client) => client.incr(key))).rejects.toThrow('not an integer');
    expect(await it.db.run((client) => client.ping())).toBe('PONG');
  });

  it('lets so much wait, and refuses the next', async () => {
    await using it = await connected({ queue: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = it.db.run(() => promise);
    await expect(it.db.run((client) => client.ping())).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(it.types()).toContain('queue-full');
    resolve();
    await first;
    expect(await it.db.run((client) => client.ping())).toBe('PONG');
  });

  it('frees a caller that leaves', async () => {
    await using it = await connected();
    const stop = new AbortController();
    const left = it.db.run(() => new Promise(() => {}), { signal: stop.signal });
    stop.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(it.db.stats().busy).toBe(0);
  });

  it('keeps deadlines while the network says nothing, and connects anew', async () => {
    const { proxy, url: through } = await proxied();
    await using _proxy = proxy;
    await using it = await connected({ url: through, commandTimeout: 500, deadAfter: 900 });
    proxy.freezeOpen();
    await expect(it.db.run((client) => client.ping())).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
    expect(it.types()).toContain('command-timed-out');
    await expect.poll(() => it.ofType('opened').length, patient).toBe(2);
    expect(await it.db.run((client) => client.ping())).toBe('PONG');
  });

  it('lets commands wait while the server restarts, each as long as it may, and recovers by itself', async () => {
    const { proxy, url: through } = await proxied();
    await using _proxy = proxy;
    await using it = await connected({ url: through, commandTimeout: 1000 });
    proxy.cut();
    await expect.poll(() => it.db.stats().isReady, patient).toBe(false);
    await expect(it.db.run((client) => client.ping())).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
    expect(it.ofType('broken').length).toBeGreaterThan(0);
    const waiting = it.db.run((client) => client.ping());
    await proxy.mend();
    expect(await waiting).toBe('PONG');
  });

  it('has a client that the result store takes, its subscription too', async () => {
    await using it = await connected();
    const open = (prefix: string) => createRedisStore({ prefix, client: () => it.db.client });
    const prefix = `${key}:store:`;
    const [one, other] = [open(prefix), open(prefix)];
    await one.set('a', '"text"', { ttl: 5000 });
    await expect.poll(() => other.get('a'), patient).toMatchObject({ text: '"text"' });
    one.close();
    other.close();
  });

  it('waits for what is under way when it closes, and refuses what is new', async () => {
    const it = await connected();
    const { promise, resolve } = Promise.withResolvers<void>();
    const running = it.db.run(async (client) => {
      await promise;
      return client.ping();
    });
    const closing = it.db.close();
    await expect(it.db.run((client) => client.ping())).rejects.toMatchObject({ code: 'CONNECTOR_CLOSED' });
    resolve();
    expect(await running).toBe('PONG');
    await closing;
    expect(it.db.stats().isReady).toBe(false);
  });
});

describe('a redis connector that cannot open', () => {
  it.each([
    [undefined, 'SETTING_MISSING'],
    ['http://s3cret-canary@nowhere', 'SETTING_INVALID'],
    ['redis://:s3cret-canary@127.0.0.1:1', 'CONNECTION_FAILED'],
  ])('says what is wrong with %j, once', async (address, code) => {
    const error = await redis({ url: () => address })
      .open({ signal })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('canary');
  });
});
