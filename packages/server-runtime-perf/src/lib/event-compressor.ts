import type { Transform } from 'node:stream';
import { type ContentEncoding, FORMATS } from './content-encoding.ts';

/**
 * A compressor for a stream whose parts must arrive at once, such as server-sent events: what one `write` gave it can be
 * read on the other side before the next.
 * @param options.window how much of the past it looks back on, bytes; default 8 KiB, since events are alike, and streams of
 * them many and idle. Each takes 120 KB (zstd), 170 KB (gzip), 600 KB (br) then.
 */
export function createEventCompressor(
  encoding: ContentEncoding,
  { window = 8 * 1024 }: { readonly window?: number } = {},
): Transform {
  return FORMATS[encoding].open({ effort: 'once', form: 'parts', size: window });
}
