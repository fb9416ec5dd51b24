import { describe, expect, it } from 'vitest';
import { writeTestImage } from '../../test/test-image.ts';
import { assembleImage, type Base, scratchBase } from './assemble-image.ts';
import { readRuntime } from './contents/read-runtime.ts';
import { type MemoryStore, memoryStore } from './memory-store.ts';
import { readBase } from './read-base.ts';
import { type RuntimeBase, rebaseImage } from './rebase-image.ts';
import { validateImage } from './validate-image.ts';
import { writeImage } from './write-image.ts';
import { writeLayer } from './write-layer.ts';

const PLATFORM = { os: 'linux', architecture: 'amd64' };
const HEADERS = (version: string) =>
  `https://nodejs.org/download/release/v${version}/node-v${version}-headers.tar.gz\0`;
const NODE = 'usr/local/bin/node';
const GLIBC = 'lib64/ld-linux-x86-64.so.2';

interface BaseFacts {
  readonly node?: string;
  readonly place?: string;
  readonly libc?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly text?: string;
}

/** A base as a Node image is: a loader, Node, and where to find it. */
async function base(store: MemoryStore, tag: string, facts: BaseFacts = {}): Promise<RuntimeBase> {
  const { node = '24.1.0', place = NODE, libc = GLIBC, env = {}, text = '' } = facts;
  const files = { [place]: `${'x'.repeat(70_000)}${HEADERS(node)}`, [libc]: '', 'etc/release': `${tag}${text}` };
  const layer = await writeLayer(
    Object.entries(files).map(([path, content]) => ({ kind: 'file', path, source: Buffer.from(content) }) as const),
    { target: store, compression: 'gzip' },
  );
  const image = assembleImage({
    base: scratchBase,
    layers: [{ layer, createdBy: tag }],
    config: { env: { PATH: '/usr/local/bin:/usr/bin', ...env }, cmd: ['node'], labels: { base: tag } },
    platform: PLATFORM,
  });
  await writeImage(store, image, { tags: [tag] });
  const read = await readBase(store, { name: `example.com/node:${tag}`, reference: tag, platform: PLATFORM });
  return { ...read, runtime: await readRuntime(store, read) };
}

async function app(store: MemoryStore, on: Base) {
  const layer = await writeLayer([{ kind: 'file', path: 'app/main.js', source: Buffer.from('main') }], {
    target: store,
    compression: 'gzip',
  });
  const image = assembleImage({
    base: on,
    layers: [{ layer, createdBy: 'mcpgen layer:app' }],
    config: { entrypoint: ['node', '/app/main.js'], cmd: [], env: { PORT: '3000' }, user: '65532:65532' },
    platform: PLATFORM,
    annotations: { own: 'kept' },
  });
  await writeImage(store, image);
  return image;
}

describe('rebaseImage', () => {
  it('gives what a build on the new base would have given', async () => {
    const store = memoryStore();
    const oldBase = await base(store, '24.1', { env: { NODE_VERSION: '24.1.0', GONE: '1' } });
    const newBase = await base(store, '24.2', { node: '24.2.0', env: { NODE_VERSION: '24.2.0', NEW: '1' } });
    const rebased = rebaseImage(await app(store, oldBase), { name: 'app', oldBase, newBase });
    expect(rebased).toEqual(await app(store, newBase));
    await writeImage(store, rebased);
    expect(await validateImage(store, rebased.descriptor)).toEqual([]);
    expect(rebased.manifest.annotations).toEqual({
      'org.opencontainers.image.base.digest': newBase.descriptor?.digest,
      'org.opencontainers.image.base.name': 'example.com/node:24.2',
      own: 'kept',
    });
  });

  it('goes there and back', async () => {
    const store = memoryStore();
    const [oldBase, newBase] = [await base(store, '1'), await base(store, '2', { env: { NEW: '1' } })];
    const image = await app(store, oldBase);
    const there = rebaseImage(image, { name: 'app', oldBase, newBase });
    expect(rebaseImage(there, { name: 'app', oldBase: newBase, newBase: oldBase })).toEqual(image);
  });

  it('refuses an image that was built on another base, or is that base', async () => {
    const store = memoryStore();
    const [one, two, three] = [await base(store, '1'), await base(store, '2'), await base(store, '3')];
    const refused = (problem: string) =>
      expect.objectContaining({ code: 'REBASE_REFUSED', message: expect.stringContaining(problem) });
    const image = await app(store, one);
    expect(() => rebaseImage(image, { name: 'app', oldBase: two, newBase: three })).toThrow(
      refused('does not begin with "example.com/node:2"'),
    );
    const bare = await writeTestImage(store, { files: {} });
    const none = { ...one, layers: bare.layers };
    expect(() => rebaseImage(bare, { name: 'app', oldBase: none, newBase: two })).toThrow(refused('no layers above'));
  });

  it.each([
    ['another major version of Node', { node: '26.0.0' }, 'Node 26 instead of 24'],
    ['another C library', { libc: 'lib/ld-musl-x86_64.so.1' }, 'the C library musl instead of glibc'],
    ['no Node', { place: 'usr/bin/other' }, 'Node none instead of 24'],
    ['Node where the image does not look', { place: 'opt/bin/node' }, 'has no "node" to start it'],
  ])('refuses a base with %s', async (_, facts, problem) => {
    const store = memoryStore();
    const oldBase = await base(store, 'old');
    const image = await app(store, oldBase);
    const newBase = await base(store, 'new', facts);
    expect(() => rebaseImage(image, { name: 'app', oldBase, newBase })).toThrow(
      expect.objectContaining({ code: 'REBASE_REFUSED', message: expect.stringContaining(problem) }),
    );
  });

  it('refuses a base for another platform', async () => {
    const store = memoryStore();
    const oldBase = await base(store, 'old');
    const other = { ...(await base(store, 'new')), platform: { os: 'linux', architecture: 'arm64' } };
    const image = await app(store, oldBase);
    expect(() => rebaseImage(image, { name: 'app', oldBase, newBase: other })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('the platform linux/arm64 instead of linux/amd64') }),
    );
  });
});

describe('readRuntime', () => {
  it('finds Node, its version and the C library', async () => {
    const store = memoryStore();
    expect((await base(store, '24', { node: '24.21.0' })).runtime).toEqual({
      node: '24.21.0',
      paths: [NODE],
      libc: 'glibc',
    });
    expect((await base(store, 'a', { place: 'etc/x', libc: 'etc/y' })).runtime).toEqual({ paths: [] });
  });
});
