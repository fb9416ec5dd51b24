import { zstdCompressSync } from 'node:zlib';
import { digestOf } from '@mcpgen/build-cache';
import { type MemoryStore, memoryStore } from '@mcpgen/oci';
import { describe, expect, it } from 'vitest';
import { type Directory, encodeDirectory } from '../src/lib/remote/directory.ts';
import { encodeConfig, encodeSnapshot, LAYER_TYPE, type RemoteBlob, remoteBlob } from '../src/lib/remote/snapshot.ts';
import { sealText } from '../src/lib/sealed-file.ts';
import { readTree } from './project.ts';
import { type Machine, machine } from './remote-rig.ts';

const KEY = digestOf('step');
const EVIL = Buffer.from('evil');

/** A manifest that is sealed and consistent but for what the attack is about. */
function manifestOf(files: readonly (readonly unknown[])[], facts: Readonly<Record<string, unknown>> = {}): Buffer {
  const rows = files.map(([path, mode, digest]) => [path, mode, digest]);
  const output = digestOf(`${JSON.stringify(rows)}\nnull`);
  const listed = files.map(([path, mode, digest, body = EVIL]) => {
    const bytes = body as Buffer;
    return [path, mode, bytes.length, String(digest).slice(7), bytes.toString('base64')];
  });
  const head = { format: 1, key: KEY, step: 'step', created: 1, duration: 1, output, files: listed, value: null };
  return Buffer.from(sealText(JSON.stringify({ ...head, ...facts })));
}

const file = (path: string, mode: unknown = 0o644) => [path, mode, digestOf(EVIL)];

const NAMES: readonly (readonly [string, Buffer])[] = [
  ['a name with ..', manifestOf([file('../evil')])],
  ['a name with .. inside', manifestOf([file('a/../../evil')])],
  ['an absolute name', manifestOf([file('/tmp/mcpgen-evil')])],
  ['a drive', manifestOf([file('C:/evil')])],
  ['a backslash', manifestOf([file('..\\evil')])],
  ['a NUL', manifestOf([file('a\u0000b')])],
  ['an empty name', manifestOf([file('')])],
  ['the directory itself', manifestOf([file('.')])],
  ['a name twice', manifestOf([file('a'), file('a')])],
  ['names that collide by case', manifestOf([file('README'), file('readme')])],
  ['names that collide by normalisation', manifestOf([file('caf\u00e9'), file('cafe\u0301')])],
  ['a file as a directory', manifestOf([file('a'), file('a/b')])],
  ['a set-user-id bit', manifestOf([file('a', 0o4755)])],
  ['a link', manifestOf([file('a', 0o120777)])],
  ['a device', manifestOf([file('a', 0o020666)])],
  ['a path of 2,000 characters', manifestOf([file('a'.repeat(2000))])],
  ['65 directories', manifestOf([file(`${'a/'.repeat(65)}b`)])],
  ['another key', manifestOf([file('a')], { key: digestOf('another') })],
  ['another format', manifestOf([file('a')], { format: 2 })],
  ['an output digest that is not its own', manifestOf([file('a')], { output: digestOf('x') })],
  ['bytes that are not their digest', manifestOf([['a', 0o644, digestOf('good'), EVIL]])],
  ['a prototype', manifestOf([file('__proto__')], { files: { __proto__: [] } })],
];

describe('a remote with a forged entry', () => {
  it.each(NAMES)('that has %s is a miss and one warning, and writes nothing', async (_what, manifest) => {
    await using m = await machine();
    await expectRefused(m, await forge({ manifest }));
  });

  it('is read where nothing is wrong: the forger of this test forges well', async () => {
    await using m = await machine();
    const tier = await tierOf(m, await forge({ manifest: manifestOf([file('a')]) }));
    expect(await m.build({ read: [tier] }, 'step', {})).toMatchObject({ outcome: 'hit' });
    expect(await readTree(m.project.back)).toEqual({ a: 'evil' });
  });
});

const PLAIN = manifestOf([file('a')]);
const name = (bytes: Buffer) => ({ digest: digestOf(bytes), size: bytes.length });

describe('a remote with a forged pack', () => {
  it.each<readonly [string, Parameters<typeof forge>[0]]>([
    ['expands a thousand times', { manifest: PLAIN, pack: zstdCompressSync(Buffer.alloc(100_000_000)) }],
    ['announces more than any pack has', { manifest: PLAIN, bodies: [{ digest: digestOf('x'), size: 2 ** 40 }] }],
    ['announces less than it has', { manifest: PLAIN, bodies: [{ ...name(PLAIN), size: 5 }] }],
    ['announces more than it has', { manifest: PLAIN, bodies: [name(PLAIN), { digest: digestOf('x'), size: 5 }] }],
    ['has another body', { manifest: PLAIN, pack: zstdCompressSync(Buffer.alloc(PLAIN.length, 'x')) }],
    ['has another entry', { manifest: PLAIN, pack: zstdCompressSync(manifestOf([file('b')])) }],
    ['is not compressed', { manifest: PLAIN, pack: PLAIN }],
    ['has a negative size', { manifest: PLAIN, bodies: [{ ...name(PLAIN), size: -1 }] }],
    ['has a digest that is a path', { manifest: PLAIN, bodies: [{ digest: 'sha256:../../evil', size: 4 }] }],
  ])('that %s is a miss and one warning', async (_what, forged) => {
    await using m = await machine();
    await expectRefused(m, await forge(forged));
  });

  it('whose directory is a bomb is refused', async () => {
    await using m = await machine();
    const bomb = zstdCompressSync(Buffer.alloc(200_000_000, ' '));
    await expectRefused(m, await forge({ manifest: PLAIN, directory: bomb }));
  });

  it.each([
    ['no JSON', 'x'],
    ['another document', '{"schemaVersion":2,"layers":[]}'],
    ['null', 'null'],
  ])('whose snapshot is %s is refused', async (_what, text) => {
    await using m = await machine();
    const store = memoryStore();
    const manifest = remoteBlob('application/vnd.oci.image.manifest.v1+json', Buffer.from(text));
    await put(store, manifest);
    await store.tag(manifest.descriptor, 'main');
    await expectRefused(m, store);
  });
});

async function forge({
  manifest,
  pack = zstdCompressSync(manifest),
  bodies = [name(manifest)],
  directory,
}: {
  readonly manifest: Buffer;
  readonly pack?: Buffer;
  readonly bodies?: readonly { readonly digest: string; readonly size: number }[];
  readonly directory?: Buffer;
}): Promise<MemoryStore> {
  const store = memoryStore();
  const packed = remoteBlob(LAYER_TYPE.pack, pack);
  const listed = { digest: packed.descriptor.digest, bodies: bodies as Directory['bodies'] };
  const entries = [{ key: KEY, manifest: digestOf(manifest) }];
  const encoded = zstdCompressSync(encodeDirectory({ entries, packs: [listed], bodies: [] }));
  const index = remoteBlob(LAYER_TYPE.directory, directory ?? encoded);
  const config = encodeConfig([]);
  const snapshot = encodeSnapshot([{ directory: index.descriptor, content: [packed.descriptor] }], config.descriptor);
  for (const blob of [packed, index, config, snapshot]) await put(store, blob);
  await store.tag(snapshot.descriptor, 'main');
  return store;
}

async function put(store: MemoryStore, { descriptor, bytes }: RemoteBlob): Promise<void> {
  await store.write(descriptor, () => [bytes]);
}

async function tierOf(m: Machine, store: MemoryStore) {
  return m.tier(() => store);
}

async function expectRefused(m: Machine, store: MemoryStore): Promise<void> {
  const tier = await tierOf(m, store);
  expect(await m.build({ read: [tier] }, 'step', { 'a.js': 'good' })).toMatchObject({ outcome: 'ran' });
  await tier.close();
  expect(await readTree(m.project.back)).toEqual({});
  expect(m.project.events.ofType('failed')).toMatchObject([{ operation: `read from ${tier.location}` }]);
  expect(await m.build({}, 'step', {})).toEqual({ outcome: 'hit', tier: 'local' });
  expect(await readTree(m.project.back)).toEqual({ 'a.js': 'good' });
}
