import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import { checkServer } from '@mcpgen/example-check';

await checkServer(import.meta.dirname, {
  'counts primes': async ({ call }) => {
    const counts = [];
    for (const limit of [0, 2, 10, 100, 1_000_000]) counts.push((await call('count-primes', { limit })).structured);
    assert.deepEqual(
      counts,
      [0, 1, 4, 25, 78_498].map((primes) => ({ primes })),
    );
  },

  'estimates primes': async ({ call }) => {
    const { structured } = await call('estimate-primes', { limit: 1_000_000 });
    assert.deepEqual(structured, { primes: 78_543 });
  },

  'answers other calls while it computes': async ({ call }) => {
    let isCounting = true;
    const counting = call('count-primes', { limit: 400_000_000 }).finally(() => {
      isCounting = false;
    });
    for (let index = 0; index < 25; index++) await call('estimate-primes', { limit: 1000 + index });
    assert(isCounting, 'twenty-five estimates took as long as counting to 400 million');
    assert.deepEqual((await counting).structured, { primes: 21_336_326 });
  },

  'draws a picture': async ({ call }) => {
    const { content } = await call('mandelbrot', { size: 64 });
    const [image] = content;
    assert.equal(image?.type, 'image');
    assert.equal(image.mimeType, 'image/png');
    const rows = readPixels(Buffer.from(String(image.data), 'base64'), 64);
    assert.equal(rows[32]?.[32], 0, 'the centre lies in the set');
    assert.notEqual(rows[0]?.[0], 0, 'the corner does not');
    assert.deepEqual(rows.slice(0, 32), rows.slice(32).reverse(), 'the set is its own mirror image');
  },

  'refuses a limit that is too large': async ({ call }) => {
    const { isError, text } = await call('count-primes', { limit: 2_000_000_000 });
    assert(isError);
    assert.match(text, /limit/);
  },
});

/** The rows of a PNG that has one IDAT chunk and no filters: signature, IHDR of 25 bytes, IDAT. */
function readPixels(png: Buffer, width: number): readonly (readonly number[])[] {
  const length = png.readUInt32BE(33);
  assert.equal(png.toString('latin1', 37, 41), 'IDAT');
  const data = inflateSync(png.subarray(41, 41 + length));
  return Array.from({ length: data.length / (width + 1) }, (_, row) => [
    ...data.subarray(row * (width + 1) + 1, (row + 1) * (width + 1)),
  ]);
}
