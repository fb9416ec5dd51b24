import { randomBytes } from 'node:crypto';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressBody } from './compress-body.ts';
import { CONTENT_ENCODINGS } from './content-encoding.ts';

const DECODE = { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync };
const rows = (count: number): Buffer =>
  Buffer.from(JSON.stringify(Array.from({ length: count }, (_, row) => ({ row, name: `name ${row * 7919}` }))));

describe.each(CONTENT_ENCODINGS)('compressBody, in %s', (encoding) => {
  it('gives back what it got, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 5 }), fc.integer({ min: 1, max: 400 }), async (json, times) => {
        const body = Buffer.from(json.repeat(times));
        const compressed = await compressBody(body, { encoding });
        if (compressed === undefined) expect(body.length).toBeLessThan(1000);
        else expect(DECODE[encoding](compressed)).toEqual(body);
      }),
      { numRuns: 50 },
    );
  });

  it('answers at once for a small body, and later for a large one', async () => {
    expect(compressBody(rows(50), { encoding })).toBeInstanceOf(Uint8Array);
    const large = compressBody(rows(20_000), { encoding });
    expect(large).toBeInstanceOf(Promise);
    expect(DECODE[encoding]((await large) ?? '')).toEqual(rows(20_000));
  });

  it('gives nothing where a body would not get smaller', async () => {
    expect(await compressBody(randomBytes(2000), { encoding })).toBeUndefined();
    expect(await compressBody(randomBytes(200_000), { encoding })).toBeUndefined();
    expect(await compressBody(Buffer.alloc(0), { encoding })).toBeUndefined();
  });

  it('makes base64 smaller', async () => {
    const image = Buffer.from(JSON.stringify({ data: randomBytes(60_000).toString('base64') }));
    expect((await compressBody(image, { encoding }))?.length).toBeLessThan(image.length * 0.8);
  });

  it('stops when nobody waits any more', async () => {
    const controller = new AbortController();
    const compressed = compressBody(rows(100_000), { encoding, signal: controller.signal });
    controller.abort(new Error('left'));
    await expect(compressed).rejects.toThrow('left');
    await expect(compressBody(rows(5000), { encoding, signal: controller.signal })).rejects.toThrow('left');
  });
});
