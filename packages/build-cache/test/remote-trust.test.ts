import { generateKeyPairSync } from 'node:crypto';
import { type MemoryStore, memoryStore } from '@mcpgen/oci';
import { describe, expect, it } from 'vitest';
import { readTree } from './project.ts';
import { machine, type TierSettings } from './remote-rig.ts';

interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

function keyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

const MAIN = keyPair();

/** The build of the protected branch: it alone has the private key. */
const trusted: TierSettings = { tag: 'main', publicKeys: [MAIN.publicKey], privateKey: MAIN.privateKey };

/** Everybody else. */
const reader: TierSettings = { tag: 'main', publicKeys: [MAIN.publicKey] };

const GOOD = { 'release.js': 'good' };
const EVIL = { 'release.js': 'evil' };

describe('the race for a key', () => {
  it.each<readonly [string, TierSettings]>([
    ['unsigned', { tag: 'main' }],
    ['signed by a key of their own', { tag: 'main', privateKey: keyPair().privateKey }],
  ])('is not won by a pull request that writes to main first, %s', async (_how, attack) => {
    const store = memoryStore();
    await fill(store, attack, EVIL);

    await using main = await machine();
    const tier = main.tier(() => store, trusted);
    expect(await main.build({ read: [tier], write: tier }, 'release', GOOD)).toMatchObject({ outcome: 'ran' });
    expect(await tier.close()).toMatchObject({ entries: 1 });
    expect(main.project.events.ofType('failed')).toMatchObject([
      { operation: 'read from memory', message: expect.stringMatching(/^Cannot trust .* is not signed/) },
    ]);
    // What the trusted build made has taken the place of what the attacker wrote.
    expect(await give(store, reader)).toEqual(GOOD);
  });

  it('is not won in a scope of their own: the trusted build does not read it', async () => {
    const store = memoryStore();
    await fill(store, { tag: 'pr-7' }, EVIL);
    await using main = await machine();
    const tier = main.tier(() => store, trusted);
    expect(await main.build({ read: [tier], write: tier }, 'release', GOOD)).toMatchObject({ outcome: 'ran' });
    await tier.close();
    expect(main.project.events.ofType('failed')).toEqual([]);
    expect(await give(store, reader)).toEqual(GOOD);
  });

  it('is not won after the trusted build has begun', async () => {
    const store = memoryStore();
    await using main = await machine();
    const tier = main.tier(() => store, trusted);
    await tier.keys();
    await fill(store, { tag: 'main' }, EVIL);
    await main.build({ read: [tier], write: tier }, 'release', GOOD);
    await tier.close();
    expect(await give(store, reader)).toEqual(GOOD);
  });

  it('is not won where the trusted build names no public key: it believes its own', async () => {
    const store = memoryStore();
    await fill(store, { tag: 'main' }, EVIL);
    await fill(store, { tag: 'main', privateKey: MAIN.privateKey }, GOOD);
    expect(await give(store, reader)).toEqual(GOOD);
  });

  it('is not won by moving a signed cache to another scope', async () => {
    const store = memoryStore();
    const other = { ...trusted, tag: 'experiments' };
    await fill(store, other, EVIL);
    await store.tag(await store.resolve('experiments'), 'main');
    expect(await give(store, reader)).toBeUndefined();
  });
});

describe('scopes', () => {
  it('a pull request reads what main wrote and writes its own', async () => {
    const store = memoryStore();
    await fill(store, trusted, GOOD);
    await using pr = await machine();
    const [main, own] = [pr.tier(() => store, reader), pr.tier(() => store, { tag: 'pr-7' })];
    expect(await pr.build({ read: [own, main], write: own }, 'release', {})).toMatchObject({ outcome: 'hit' });
    await pr.build({ read: [own, main], write: own }, 'feature', EVIL);
    expect(await own.close()).toMatchObject({ entries: 1 });
    expect(await give(store, reader, 'feature')).toBeUndefined();
    expect(await give(store, { tag: 'pr-7' }, 'feature')).toEqual(EVIL);
  });

  it('a reader that trusts keys and has none sends nothing', async () => {
    const store = memoryStore();
    await fill(store, trusted, GOOD);
    const before = await store.resolve('main');
    await fill(store, reader, EVIL, 'feature');
    expect(await store.resolve('main')).toEqual(before);
  });

  it('refuses a snapshot of which a signed byte has changed, and one that lost its signature', async () => {
    for (const change of [
      (text: string) =>
        text.replace(/sha256:(.)(?=[0-9a-f]{63}","size":\d+\}\])/, (_, first) => `sha256:${first === '0' ? '1' : '0'}`),
      (text: string) => text.replace('directory.v1', 'directory.v2'),
    ]) {
      const store = memoryStore();
      await fill(store, trusted, GOOD);
      const descriptor = await store.resolve('main');
      const pieces: Uint8Array[] = [];
      for await (const piece of store.read(descriptor)) pieces.push(piece);
      const changed = Buffer.from(change(Buffer.concat(pieces).toString()));
      const { digest, size } = await store.ingest([changed]);
      await store.write({ ...descriptor, digest, size }, () => [changed]);
      await store.tag({ ...descriptor, digest, size }, 'main');
      expect(await give(store, reader)).toBeUndefined();
    }
  });
});

describe('keys', () => {
  it.each([
    ['nonsense', { publicKeys: ['nonsense'] }],
    ['a private key as a public one', { publicKeys: [MAIN.privateKey] }],
    ['a key of another kind', { privateKey: rsaKey() }],
  ])('are refused at once: %s', async (_what, settings) => {
    await using m = await machine();
    expect(() => m.tier(() => memoryStore(), settings)).toThrow(
      expect.objectContaining({ code: 'SIGNING_KEY_INVALID' }),
    );
  });
});

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

async function fill(
  store: MemoryStore,
  settings: TierSettings,
  files: Readonly<Record<string, string>>,
  name = 'release',
): Promise<void> {
  await using m = await machine();
  const write = m.tier(() => store, settings);
  await m.build({ write }, name, files);
  await write.close();
}

/** What a machine gets for a key. */
async function give(store: MemoryStore, settings: TierSettings, name = 'release') {
  await using m = await machine();
  const tier = m.tier(() => store, settings);
  const { outcome } = await m.build({ read: [tier] }, name, {});
  await tier.close();
  return outcome === 'hit' ? readTree(m.project.back) : undefined;
}
