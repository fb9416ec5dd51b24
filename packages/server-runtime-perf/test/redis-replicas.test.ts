import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type RedisServer, redisMissing, startRedis } from '@mcpgen/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

interface Replica {
  ask(command: 'call' | 'clear' | 'stats', argument?: string): Promise<unknown>;
  stop(): Promise<void>;
}

async function startReplica(name: string, url: string): Promise<Replica> {
  const child = fork(new URL('./redis-replica.ts', import.meta.url), [name, url], {
    execArgv: ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'],
  });
  await once(child, 'message');
  let last = 0;
  return {
    ask: async (command, argument) => {
      last += 1;
      const id = last;
      child.send([id, command, argument]);
      for (;;) {
        const [[answered, answer]] = await once(child, 'message');
        if (answered === id) return answer;
      }
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

describe.skipIf(redisMissing(process.env) !== undefined)('two replicas', () => {
  let redis: RedisServer;
  let one: Replica;
  let two: Replica;
  beforeAll(async () => {
    redis = await startRedis();
    [one, two] = await Promise.all([startReplica('one', redis.url), startReplica('two', redis.url)]);
  });
  afterAll(async () => {
    await Promise.all([one.stop(), two.stop()]);
    await redis[Symbol.asyncDispose]();
  });

  it('share results, and answer them from their own memory once they have them', async () => {
    expect(await one.ask('call', 'a')).toBe('a by one 1');
    expect(await two.ask('call', 'a')).toBe('a by one 1');
    const far = (await two.ask('stats')) as { farHits: number };
    await vi.waitFor(async () => {
      expect(await two.ask('call', 'a')).toBe('a by one 1');
      const { hits, farHits } = (await two.ask('stats')) as { hits: number; farHits: number };
      expect(hits).toBeGreaterThan(farHits);
    });
    expect(far.farHits).toBe(1);
  });

  it.each([['tool'], [undefined]])('clear each other’s memory (%s)', async (tag) => {
    const before = await one.ask('call', 'b');
    expect(await two.ask('call', 'b')).toBe(before);
    await one.ask('clear', tag);
    const after = await one.ask('call', 'b');
    expect(after).not.toBe(before);
    await vi.waitFor(async () => expect(await two.ask('call', 'b')).toBe(after));
  });
});
