import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTENT_ENCODINGS, type ContentEncoding } from './content-encoding.ts';
import { createReadyBody, type ReadyBody } from './ready-body.ts';

const DECODE: Readonly<Record<ContentEncoding, (bytes: Uint8Array) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
};

const beginning = Buffer.from(JSON.stringify({ tools: Array.from({ length: 200 }, (_, tool) => ({ tool })) }));

async function encode(body: ReadyBody, encoding: ContentEncoding, ending: string): Promise<Buffer> {
  const parts = await body.encode(encoding, ending);
  if (parts === undefined) throw new Error(`An ending of ${ending.length} characters was not taken`);
  return Buffer.concat([parts.start, parts.end]);
}

describe.each(CONTENT_ENCODINGS)('createReadyBody, in %s', (encoding) => {
  it('gives the beginning and the ending, whatever they are, at both levels', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { minLength: 1, maxLength: 3 }),
        async (start, endings) => {
          const body = createReadyBody(() => start);
          for (const ending of endings) {
            const decoded = DECODE[encoding](await encode(body, encoding, ending));
            expect(decoded).toEqual(Buffer.concat([start, Buffer.from(ending)]));
          }
          await body.prepare(encoding);
          const decoded = DECODE[encoding](await encode(body, encoding, endings[0] ?? ''));
          expect(decoded).toEqual(Buffer.concat([start, Buffer.from(endings[0] ?? '')]));
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([0, 1, 2, 255, 256, 999, 1000])('takes an ending of %i bytes', async (length) => {
    const ending = 'e'.repeat(length);
    const decoded = DECODE[encoding](
      await encode(
        createReadyBody(() => beginning),
        encoding,
        ending,
      ),
    );
    expect(decoded.toString()).toBe(beginning + ending);
  });

  it('takes a beginning of many blocks, and of one byte', async () => {
    for (const start of [Buffer.alloc(1_000_000, '{"a":1},'), Buffer.of(123)]) {
      const decoded = DECODE[encoding](
        await encode(
          createReadyBody(() => start),
          encoding,
          '"end"',
        ),
      );
      expect(decoded).toEqual(Buffer.concat([start, Buffer.from('"end"')]));
    }
  });

  it('does not take an ending that is longer than a block may be', () => {
    const body = createReadyBody(() => beginning);
    expect(body.encode(encoding, 'e'.repeat(1001))).toBeUndefined();
    expect(body.encode(encoding, 'ä'.repeat(501))).toBeUndefined();
  });

  it('compresses twice in all: for the first who asks, and at the highest level for all others', async () => {
    let reads = 0;
    const body = createReadyBody(() => {
      reads++;
      return beginning;
    });
    const first = await Promise.all(Array.from({ length: 50 }, (_, id) => encode(body, encoding, `,${id}`)));
    await body.prepare(encoding);
    expect(body.encode(encoding, ',1')).not.toBeInstanceOf(Promise);
    const later = await Promise.all(Array.from({ length: 50 }, (_, id) => encode(body, encoding, `,${id}`)));
    expect(reads).toBe(2);
    expect(new Set([...first, ...later].map((bytes) => DECODE[encoding](bytes).toString()))).toEqual(
      new Set(Array.from({ length: 50 }, (_, id) => `${beginning},${id}`)),
    );
    expect(later[7]?.length).toBeLessThanOrEqual(first[7]?.length ?? 0);
  });

  it('tries again after a failure', async () => {
    let fails = 2; // the quick one, and the best one beside it
    const body = createReadyBody(() => {
      if (fails-- > 0) throw new Error('not yet');
      return beginning;
    });
    await expect(encode(body, encoding, '')).rejects.toThrow('not yet');
    expect(DECODE[encoding](await encode(body, encoding, '')).toString()).toBe(beginning.toString());
  });
});
