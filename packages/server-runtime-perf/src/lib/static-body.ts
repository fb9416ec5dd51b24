import { CompressedVariants } from './compressed-variants.ts';
import { CONTENT_ENCODINGS, type ContentEncoding } from './content-encoding.ts';

export interface StaticBodyOptions {
  /** `Content-Type`. */
  readonly type: string;
  /** `Cache-Control`; default `no-cache`: kept, and asked for each time whether it is still the same. */
  readonly cacheControl?: string;
  /** Best first; default: by size, br, zstd, gzip. `[]`, and `no-transform` in `cacheControl`, mean none. */
  readonly encodings?: readonly ContentEncoding[];
}

/** One form of a body, with its strong validator (RFC 9110, 8.8.1): the hash of the very bytes. */
export interface StaticVariant {
  readonly bytes: Uint8Array;
  /** With its quotes. */
  readonly etag: string;
}

/** A body that is the same for everybody, for `GET` and `HEAD`. */
export interface StaticBody {
  readonly type: string;
  readonly cacheControl: string;
  readonly encodings: readonly ContentEncoding[];
  plain(): StaticVariant;
  /** Only who asks for an encoding first waits. */
  encoded(encoding: ContentEncoding): StaticVariant | Promise<StaticVariant>;
}

/** Best first where the CPU does not count, by the bytes on the wire. */
const BY_SIZE: readonly ContentEncoding[] = ['br', 'zstd', 'gzip'];

/** @throws TypeError for an unknown encoding. */
export function createStaticBody(
  bytes: Uint8Array,
  { type, cacheControl = 'no-cache', encodings = BY_SIZE }: StaticBodyOptions,
): StaticBody {
  const unknown = encodings.find((name) => !CONTENT_ENCODINGS.includes(name));
  if (unknown !== undefined) throw new TypeError(`Encoding "${unknown}" is not one of ${CONTENT_ENCODINGS.join(', ')}`);
  const variants = new CompressedVariants(() => bytes, 'whole', describe);
  let plain: StaticVariant | undefined;
  return {
    type,
    cacheControl,
    encodings: /\bno-transform\b/i.test(cacheControl) ? [] : encodings,
    plain: () => {
      plain ??= describe(bytes);
      return plain;
    },
    encoded: (encoding) => variants.get(encoding),
  };
}

function describe(bytes: Uint8Array): StaticVariant {
  const hash = process.getBuiltinModule('node:crypto').hash('sha256', bytes, 'base64url');
  return { bytes, etag: `"${hash.slice(0, 27)}"` };
}
