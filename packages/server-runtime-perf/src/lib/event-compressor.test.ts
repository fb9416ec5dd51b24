import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTENT_ENCODINGS } from './content-encoding.ts';
import { createEventCompressor } from './event-compressor.ts';

const DECODER = { br: createBrotliDecompress, gzip: createGunzip, zstd: createZstdDecompress };

describe.each(CONTENT_ENCODINGS)('createEventCompressor, in %s', (encoding) => {
  it('lets each event be read before the next is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5000 })), async (events) => {
        const compressor = createEventCompressor(encoding);
        const decoder = DECODER[encoding]().setEncoding('utf8');
        compressor.pipe(decoder);
        for (const event of [...events, ':']) {
          const text = `data: ${JSON.stringify(event)}\n\n`;
          let read = '';
          compressor.write(text);
          while (read.length < text.length) read += await next(decoder);
          expect(read).toBe(text);
        }
        compressor.end();
        expect(await next(decoder)).toBe('');
      }),
      { numRuns: 20 },
    );
  });
});

/** The next piece of text, or nothing at the end. */
function next(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    const onData = (text: string | Buffer): void => {
      stream.pause();
      finish(String(text));
    };
    const onEnd = (): void => finish('');
    const finish = (text: string): void => {
      stream.off('data', onData);
      stream.off('end', onEnd);
      resolve(text);
    };
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.resume();
  });
}
