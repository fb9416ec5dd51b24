import { digestOf, openLocalCache } from '@mcpgen/build-cache';
import { chainCaches } from '@mcpgen/build-cache/remote';
import { openTurborepoTier } from '@mcpgen/build-cache/turborepo';
import { beforeEach, describe, expect, it } from 'vitest';
import { buildCacheContract } from './build-cache.contract.ts';
import { readTree } from './project.ts';
import { type Files, machine, noise } from './remote-rig.ts';
import { type CacheServer, cacheServer, tierAt, WRITER } from './turborepo-rig.ts';

const STEPS: Readonly<Record<string, Files>> = {
  small: { 'a.js': 'a', 'b/c.js*': 'c' },
  packed: { 'main.js': noise('main', 9000), 'shared.js': noise('shared', 5000), 'again.js': noise('shared', 5000) },
  big: { 'layer.tar': noise('layer', 20_000_000), 'shared.js': noise('shared', 5000) },
  nothing: {},
};

describe('a local cache in front of a server of the Turborepo API', () => {
  let server: CacheServer;
  beforeEach(async () => {
    server = await cacheServer();
    return () => server[Symbol.asyncDispose]();
  });
  buildCacheContract((directory) => {
    const near = openLocalCache({ directory, now: Date.now });
    const tier = openTurborepoTier({ url: server.url, token: WRITER.token, exchange: near.exchange });
    return chainCaches(near, { read: [tier], write: tier });
  });
});

describe('openTurborepoTier', () => {
  it('gives to one machine what another made, and says where it came from', async () => {
    await using server = await cacheServer();
    await using first = await machine();
    const write = tierAt(server, first);
    for (const [name, files] of Object.entries(STEPS)) await first.build({ write }, name, files);
    expect(await write.close()).toMatchObject({ entries: 4 });

    await using second = await machine();
    const tier = tierAt(server, second);
    for (const [name, files] of Object.entries(STEPS)) {
      expect(await second.build({ read: [tier] }, name, {})).toEqual({ outcome: 'hit', tier: tier.location });
      expect(await readTree(second.project.back)).toMatchObject(files);
    }
    await tier.close();
    expect((await second.near.stats()).run.total).toMatchObject({ hits: 4, misses: 0 });
    expect((await second.near.verify()).damaged).toEqual([]);
    expect(second.project.events.types()).toEqual(['hit', 'hit', 'hit', 'hit']);
    expect(server.events.events).toEqual([]);
  });

  it('finds nothing in a server that is empty, without a word', async () => {
    await using server = await cacheServer();
    await using m = await machine();
    const tier = tierAt(server, m);
    expect(await m.build({ read: [tier] }, 'small', {})).toMatchObject({ outcome: 'ran' });
    await tier.close();
    expect(m.project.events.ofType('failed')).toEqual([]);
  });

  it('asks for many at once whether they are there, and sends nothing that is', async () => {
    await using server = await cacheServer();
    await using m = await machine();
    for (let n = 0; n < 120; n++) await m.build({}, `step ${n}`, { 'a.js': `${n}` });
    const send = async () => {
      const tier = tierAt(server, m);
      for (const key of m.near.exchange.keys()) tier.send(key);
      return tier.close();
    };
    expect((await send()).entries).toBe(120);
    const before = server.requests.length;
    expect(await send()).toEqual({ entries: 0, bytes: 0 });
    expect(server.requests.slice(before).map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  it('sends what was used and lay here only', async () => {
    await using server = await cacheServer();
    await using m = await machine();
    await m.build({}, 'small', { 'a.js': 'a' });
    const write = tierAt(server, m);
    expect(await m.build({ write }, 'small', {})).toEqual({ outcome: 'hit', tier: 'local' });
    expect(await write.close()).toMatchObject({ entries: 1 });
  });

  it('keeps what was written first', async () => {
    await using server = await cacheServer();
    for (const text of ['first', 'second']) {
      await using m = await machine();
      const write = tierAt(server, m);
      await m.build({ write }, 'same', { 'a.js': text });
      expect((await write.close()).entries).toBe(text === 'first' ? 1 : 0);
    }
    await using third = await machine();
    await third.build({ read: [tierAt(server, third)] }, 'same', {});
    expect(await readTree(third.project.back)).toEqual({ 'a.js': 'first' });
  });

  it('serves sixteen machines at once, which race for the same keys', async () => {
    await using server = await cacheServer();
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        await using m = await machine();
        const tier = tierAt(server, m);
        for (let n = 0; n < 8; n++) {
          await m.build({ read: [tier], write: tier }, `step ${n}`, { [`${n}.js`]: noise(`${n}`, 3000) });
        }
        await tier.close();
        expect(m.project.events.ofType('failed')).toEqual([]);
      }),
    );
    await using reader = await machine();
    const tier = tierAt(server, reader);
    for (let n = 0; n < 8; n++) expect(await tier.fetch(digestOf(`step ${n}`))).toBe(true);
    expect((await reader.near.verify()).damaged).toEqual([]);
  });

  it('keeps teams apart', async () => {
    await using server = await cacheServer();
    await using m = await machine();
    const write = tierAt(server, m, { slug: 'one' });
    await m.build({ write }, 'step', { 'a.js': 'a' });
    await write.close();
    await using other = await machine();
    for (const [options, found] of [
      [{ slug: 'one' }, true],
      [{ slug: 'two' }, false],
      [{ team: 'two', slug: 'one' }, false],
      [{}, false],
    ] as const) {
      const tier = tierAt(server, other, options);
      expect(await tier.fetch(digestOf('step'))).toBe(found);
      await tier.close();
    }
  });

  it.each(['', 'ftp://cache', 'cache.example.com', 'https://user:secret@cache', 'https://cache/?token=1'])(
    'refuses "%s" as an address',
    async (url) => {
      await using m = await machine();
      expect(() => tierAt({ url }, m)).toThrow(expect.objectContaining({ code: 'REMOTE_URL_INVALID' }));
    },
  );
});

describe('a signed cache', () => {
  it('is believed with the same key', async () => {
    await expectSigned({ signatureKey: 'secret', slug: 't' }, { signatureKey: 'secret', slug: 't' }, undefined);
  });

  it.each([
    ['that is not signed', {}, { signatureKey: 'secret' }],
    ['with another key', { signatureKey: 'other' }, { signatureKey: 'secret' }],
  ])('%s is refused with one warning', async (_how, writer, reader) => {
    await expectSigned(writer, reader, 'signed');
  });

  it('of one who does not care is believed', async () => {
    await expectSigned({ signatureKey: 'secret' }, {}, undefined);
  });

  async function expectSigned(writer: object, reader: object, says: string | undefined): Promise<void> {
    await using server = await cacheServer();
    await using first = await machine();
    const write = tierAt(server, first, writer);
    for (const name of ['step', 'other']) await first.build({ write }, name, STEPS.packed ?? {});
    await write.close();
    await using second = await machine();
    const tier = tierAt(server, second, reader);
    for (const name of ['step', 'other']) {
      const { outcome } = await second.build({ read: [tier] }, name, { 'own.js': 'own' });
      expect(outcome).toBe(says === undefined ? 'hit' : 'ran');
    }
    await tier.close();
    const failed = second.project.events.ofType('failed');
    if (says === undefined) expect(failed).toEqual([]);
    else expect(failed).toMatchObject([{ message: expect.stringContaining(says) }]);
  }
});
