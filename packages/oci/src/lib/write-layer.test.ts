import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, truncate, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from './compress.ts';
import type { LayerEntry } from './layer-entry.ts';
import { createLayout, type Layout } from './layout.ts';
import { type Compression, compressionOf } from './media-type.ts';
import { memoryStore } from './memory-store.ts';
import { collectContent } from './verify-content.ts';
import { type Layer, writeLayer } from './write-layer.ts';

const run = promisify(execFile);

const SPECIAL: readonly LayerEntry[] = [
  { kind: 'file', path: 'app/main.js', source: Buffer.from('main') },
  { kind: 'file', path: 'app/run', mode: 0o700, source: Buffer.from('#!') },
  { kind: 'file', path: 'app/empty', source: Buffer.alloc(0) },
  { kind: 'directory', path: 'tmp', mode: 0o1777 },
  { kind: 'symlink', path: 'app/link', target: '../etc/x' },
  { kind: 'symlink', path: 'app/long-link', target: `/opt/${'t'.repeat(150)}` },
  { kind: 'file', path: `app/${'n'.repeat(99)}`, source: Buffer.from('99') },
  { kind: 'file', path: `app/${'d'.repeat(90)}/${'n'.repeat(90)}`, source: Buffer.from('prefix') },
  { kind: 'file', path: `app/${'d'.repeat(200)}/${'n'.repeat(200)}`, source: Buffer.from('pax') },
  { kind: 'file', path: 'app/größe ✓ \u{1f600}.txt', source: Buffer.from('unicode') },
  { kind: 'file', path: 'app/block', source: Buffer.alloc(512, 'b') },
];

/** What `tar` itself sees: mode, owner, size, date and name of each member. */
async function listTar(layout: Layout, layer: Layer): Promise<string[]> {
  const { stdout } = await run(
    'tar',
    ['--full-time', '--numeric-owner', '--quoting-style=literal', '-tvf', layout.blobPath(layer.digest)],
    {
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    },
  );
  return stdout.trimEnd().split('\n');
}

describe('writeLayer', () => {
  it('writes what tar reads', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(directory.path);
    const layer = await writeLayer(SPECIAL, { target: layout, compression: 'gzip' });
    const lines = await listTar(layout, layer);
    expect(lines.every((line) => / 0\/0 .* 1970-01-01 00:00:00 /.test(line))).toBe(true);
    const shown = lines.map((line) => line.replace(/ 0\/0 +(\d+) 1970-01-01 00:00:00/, ' $1'));
    expect(shown).toEqual(
      [
        'drwxr-xr-x 0 app/',
        '-rw-r--r-- 512 app/block',
        `drwxr-xr-x 0 app/${'d'.repeat(200)}/`,
        `-rw-r--r-- 3 app/${'d'.repeat(200)}/${'n'.repeat(200)}`,
        `drwxr-xr-x 0 app/${'d'.repeat(90)}/`,
        `-rw-r--r-- 6 app/${'d'.repeat(90)}/${'n'.repeat(90)}`,
        '-rw-r--r-- 0 app/empty',
        '-rw-r--r-- 7 app/größe ✓ \u{1f600}.txt',
        'lrwxrwxrwx 0 app/link -> ../etc/x',
        `lrwxrwxrwx 0 app/long-link -> /opt/${'t'.repeat(150)}`,
        '-rw-r--r-- 4 app/main.js',
        `-rw-r--r-- 2 app/${'n'.repeat(99)}`,
        '-rwxr-xr-x 2 app/run',
        'drwxrwxrwt 0 tmp/',
      ].sort((a, b) => Buffer.compare(Buffer.from(nameIn(a)), Buffer.from(nameIn(b)))),
    );
  });

  it('writes content that tar restores', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(join(directory.path, 'layout'));
    const layer = await writeLayer(SPECIAL, { target: layout, compression: 'none' });
    const out = join(directory.path, 'out');
    await mkdir(out);
    await run('tar', ['-xf', layout.blobPath(layer.digest), '-C', out]);
    const { stdout } = await run('cat', [
      join(out, 'app/main.js'),
      join(out, `app/${'d'.repeat(90)}/${'n'.repeat(90)}`),
      join(out, `app/${'d'.repeat(200)}/${'n'.repeat(200)}`),
      join(out, 'app/größe ✓ \u{1f600}.txt'),
    ]);
    expect(stdout).toBe('mainprefixpaxunicode');
  });

  it.each(['gzip', 'zstd', 'none'] as const)(
    'gives the same %s bytes in any order, directory, time and umask',
    async (compression) => {
      const digests = new Set<string>();
      for (const [mode, time] of [
        [0o600, 1],
        [0o666, 2_000_000_000],
      ] as const) {
        await using directory = await temporaryDirectory();
        await writeTree(directory.path, { 'a.js': 'a'.repeat(5000), 'b.js': 'b' });
        await chmod(join(directory.path, 'a.js'), mode);
        await utimes(join(directory.path, 'a.js'), time, time);
        const entries: LayerEntry[] = ['a.js', 'b.js'].map((name) => ({
          kind: 'file',
          path: `app/${name}`,
          source: join(directory.path, name),
        }));
        for (const order of [entries, entries.toReversed()]) {
          digests.add((await writeLayer(order, { target: memoryStore(), compression })).digest);
        }
      }
      expect(digests.size).toBe(1);
    },
  );

  it('keeps its bytes from one version of this package to the next', async () => {
    const layer = await writeLayer(SPECIAL, { target: memoryStore(), compression: 'none' });
    // Changing this digest makes every user's layers new: only for a reason.
    expect(layer.digest).toBe('sha256:2eb135868dedf994565c6578b905d0712ec9b1cde4887ec2862bbd2a1117a0b4');
    expect(layer.diffId).toBe(layer.digest);
  });

  it('names the digest of the tar inside, whatever the compression', async () => {
    const store = memoryStore();
    const layers = await Promise.all(
      (['gzip', 'zstd', 'none'] as Compression[]).map((compression) =>
        writeLayer(SPECIAL, { target: store, compression }),
      ),
    );
    expect(new Set(layers.map(({ diffId }) => diffId)).size).toBe(1);
    for (const layer of layers) {
      const tar = await collectContent(decompress(store.read(layer), compressionOf(layer.mediaType) ?? 'none'));
      expect(`sha256:${createHash('sha256').update(tar).digest('hex')}`).toBe(layer.diffId);
      expect(tar.length % 512).toBe(0);
    }
  });

  it('says nothing about the machine in the gzip header', async () => {
    const store = memoryStore();
    const layer = await writeLayer(SPECIAL, { target: store, compression: 'gzip' });
    const bytes = await collectContent(store.read(layer));
    expect([...bytes.subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    expect(bytes[9]).toBe(255);
  });

  it('streams files that are larger than its buffers', async () => {
    await using directory = await temporaryDirectory();
    const big = Buffer.alloc(5 * 1024 * 1024 + 13);
    for (let i = 0; i < big.length; i += 4) big.writeUInt32LE((i * 2654435761) % 2 ** 32, Math.min(i, big.length - 4));
    await writeTree(directory.path, { big });
    const store = memoryStore();
    const entries: LayerEntry[] = [
      { kind: 'file', path: 'big', source: join(directory.path, 'big') },
      { kind: 'file', path: 'small', source: Buffer.from('after') },
    ];
    const fromDisk = await writeLayer(entries, { target: store, compression: 'zstd' });
    const fromMemory = await writeLayer([{ kind: 'file', path: 'big', source: big }, ...entries.slice(1)], {
      target: store,
      compression: 'zstd',
    });
    expect(fromDisk).toEqual(fromMemory);
  });

  it('gives an empty layer for no entries', async () => {
    const store = memoryStore();
    const layer = await writeLayer([], { target: store, compression: 'none' });
    expect(layer.size).toBe(1024);
  });

  it('refuses sources that are missing, directories, or shrink', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(join(directory.path, 'layout'));
    const write = (source: string) =>
      writeLayer([{ kind: 'file', path: 'x', source }], { target: layout, compression: 'gzip' });
    await expect(write(join(directory.path, 'missing'))).rejects.toMatchObject({
      code: 'LAYER_ENTRY_INVALID',
      message: expect.stringContaining('ENOENT'),
    });
    await expect(write(directory.path)).rejects.toMatchObject({
      code: 'LAYER_ENTRY_INVALID',
      message: expect.stringContaining('not a regular file'),
    });
    expect(await layout.prune()).toEqual({ removed: 0, bytes: 0 });
  });

  it('notices a file that shrinks while it is read', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'big');
    await writeTree(directory.path, { big: Buffer.alloc(8 * 1024 * 1024) });
    const target = {
      async ingest(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
        for await (const _ of content) await truncate(path, 10);
        return { digest: `sha256:${'0'.repeat(64)}`, size: 0 } as const;
      },
    };
    const writing = writeLayer([{ kind: 'file', path: 'x', source: path }], { target, compression: 'none' });
    await expect(writing).rejects.toMatchObject({ code: 'SOURCE_CHANGED', facts: { path } });
  });

  it('stops when it is told to and leaves nothing behind', async () => {
    await using directory = await temporaryDirectory();
    const layout = await createLayout(directory.path);
    const reason = new Error('stop');
    const writing = writeLayer(SPECIAL, { target: layout, compression: 'zstd', signal: AbortSignal.abort(reason) });
    await expect(writing).rejects.toBe(reason);
    expect(await layout.prune()).toEqual({ removed: 0, bytes: 0 });
  });

  it('writes any tree so that tar lists the same paths', { timeout: 60_000 }, async () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9_ äß-]{1,60}$/).filter((text) => text.trim() !== '');
    const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(path, { maxLength: 12 }), async (paths) => {
        const leaves = paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`)));
        await using directory = await temporaryDirectory();
        const layout = await createLayout(directory.path);
        const entries = leaves.map((leaf) => ({ kind: 'file', path: leaf, source: Buffer.from(leaf) }) as const);
        const layer = await writeLayer(entries, { target: layout, compression: 'none' });
        const { stdout } = await run('tar', ['--quoting-style=literal', '-tf', layout.blobPath(layer.digest)]);
        const listed = stdout.split('\n').filter((line) => line !== '' && !line.endsWith('/'));
        expect(listed.sort()).toEqual([...leaves].sort());
      }),
      { numRuns: 40 },
    );
  });
});

function nameIn(line: string): string {
  return line
    .replace(/^\S+ \d+ /, '')
    .replace(/ -> .*$/, '')
    .replace(/\/$/, '');
}
