import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { expandBlob } from './read-snapshot.ts';

describe('expandBlob', () => {
  it('gives back what was compressed', async () => {
    const bytes = Buffer.from('text '.repeat(100));
    expect((await expandBlob('memory', zstdCompressSync(bytes), bytes.length)).equals(bytes)).toBe(true);
  });

  it('stops a bomb where it passes the limit, not where it ends', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(50_000_000));
    await expect(expandBlob('memory', bomb, 1000)).rejects.toMatchObject({
      code: 'REMOTE_DAMAGED',
      cause: { code: 'ERR_BUFFER_TOO_LARGE' },
    });
  });
});
