import { describe, expect, it } from 'vitest';
import { digestBytes } from '../digest.ts';
import { layerTar } from '../layer-tar.ts';
import { MEDIA_TYPE } from '../media-type.ts';
import { memoryStore } from '../memory-store.ts';
import { writeLayer } from '../write-layer.ts';
import { listLayer } from './list-layer.ts';

const ENTRIES = [
  { kind: 'file', path: 'app/main.js', source: Buffer.from('main') },
  { kind: 'symlink', path: 'app/link', target: 'main.js' },
] as const;

describe('listLayer', () => {
  it.each(['gzip', 'zstd', 'none'] as const)('lists files with sizes, modes and digests (%s)', async (compression) => {
    const store = memoryStore();
    const layer = await writeLayer(ENTRIES, { target: store, compression });
    expect(await listLayer(store, layer)).toEqual([
      { kind: 'directory', path: 'app', mode: 0o755, uid: 0, gid: 0, size: 0 },
      { kind: 'symlink', path: 'app/link', mode: 0o777, uid: 0, gid: 0, size: 0, target: 'main.js' },
      {
        kind: 'file',
        path: 'app/main.js',
        mode: 0o644,
        uid: 0,
        gid: 0,
        size: 4,
        digest: digestBytes(Buffer.from('main')),
      },
    ]);
  });

  it('knows what hides files of the layers below', async () => {
    const store = memoryStore();
    const hidden = Buffer.concat([...layerTar([{ kind: 'file', path: 'etc/whXgone', source: Buffer.alloc(0) }])]);
    const bytes = rename(hidden, 'etc/whXgone', 'etc/.wh.gone');
    const layer = { mediaType: MEDIA_TYPE.layer, digest: digestBytes(bytes), size: bytes.length };
    await store.write(layer, () => [bytes]);
    expect((await listLayer(store, layer)).map(({ kind, path }) => [kind, path])).toContainEqual([
      'removed',
      'etc/gone',
    ]);
  });

  it('reads and checks all of the blob, also what follows the archive', async () => {
    const store = memoryStore();
    const tar = Buffer.concat([...layerTar(ENTRIES), Buffer.alloc(4096, 'x')]);
    const layer = { mediaType: MEDIA_TYPE.layer, digest: digestBytes(tar), size: tar.length };
    await store.write(layer, () => [tar]);
    let read = 0;
    const counting = {
      ...store,
      async *read(descriptor: typeof layer) {
        for await (const chunk of store.read(descriptor)) {
          read += chunk.length;
          yield chunk;
        }
        read += 1;
      },
    };
    expect(await listLayer(counting, layer)).toHaveLength(3);
    // One more: the store was asked for more at the end, which is where it checks the digest.
    expect(read).toBe(tar.length + 1);
  });

  it('refuses what is no layer of files', async () => {
    const store = memoryStore();
    const bytes = Buffer.from('text');
    const blob = { mediaType: 'text/plain', digest: digestBytes(bytes), size: bytes.length };
    await store.write(blob, () => [bytes]);
    await expect(listLayer(store, blob)).rejects.toMatchObject({ code: 'DOCUMENT_INVALID' });
  });
});

/** Gives a member of a tar another name, and its header the sum for it. */
function rename(tar: Buffer, from: string, to: string): Buffer {
  const at = tar.indexOf(from);
  const head = tar.subarray(at, at + 512);
  head.fill(0, 0, 100).write(to, 0, 'latin1');
  head.write('        ', 148, 'latin1');
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return tar;
}
