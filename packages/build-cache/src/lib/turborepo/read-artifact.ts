import { pipeline, Readable } from 'node:stream';
import { constants, createZstdDecompress } from 'node:zlib';
import type { CachedFile } from '../cache.ts';
import type { Digest } from '../digest.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { CacheError, remoteDamaged, remoteUntrusted } from '../errors.ts';
import { parseManifest } from '../manifest.ts';
import { followingBodies, HEAD_SIZE, isBomb, MAX_BUFFERED, parseHead } from './artifact-format.ts';
import { type ByteReader, readBytes } from './read-bytes.ts';
import type { ArtifactSigner } from './sign-artifact.ts';

export interface ArtifactSource {
  readonly key: Digest;
  /** For messages, and for the hits of what came from there. */
  readonly location: string;
  readonly content: AsyncIterable<Uint8Array>;
  /** With whose key it must be signed. */
  readonly signer?: ArtifactSigner;
  /** What the server says is its tag. */
  readonly tag: string | undefined;
}

/** A frame that needs more memory than 8 MB to expand is none of ours. */
const EXPAND = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };

/**
 * Brings an artifact into the local store. Bodies go there as they come, each checked against its digest; the manifest,
 * which makes an entry of them, only when all of it was right and the signature holds.
 *
 * @throws {CacheError} `REMOTE_DAMAGED`, `REMOTE_UNTRUSTED`; and whatever the content throws.
 */
export async function readArtifact(source: ArtifactSource, exchange: EntryExchange): Promise<void> {
  const { key, location, signer, tag } = source;
  if (signer !== undefined && tag === undefined) throw remoteUntrusted(location, `the entry "${key}" is not signed`);
  const compressed = watch(source);
  const bytes = readBytes(expand(source, compressed));
  const manifest = await readBodies(bytes, source, exchange);
  if (!(await bytes.atEnd()) || !compressed.ended()) throw damaged(source, 'has more than it announces');
  if (signer !== undefined && !signer.verifies(tag ?? '')) {
    throw remoteUntrusted(location, `the entry "${key}" is not signed with the key that is trusted`);
  }
  if (!exchange.importEntry(key, manifest, location)) throw damaged(source, 'could not be kept here');
}

/** The manifest, after all its bodies were kept. */
async function readBodies(bytes: ByteReader, source: ArtifactSource, exchange: EntryExchange): Promise<Buffer> {
  const head = await bytes.take(HEAD_SIZE);
  const length = head && parseHead(head);
  if (length === undefined) throw damaged(source, 'is not one of ours');
  const manifest = await bytes.take(length);
  const stored = manifest && parseManifest(manifest, source.key);
  if (manifest === undefined || stored === undefined) throw damaged(source, 'has a damaged manifest');
  for (const body of followingBodies(stored)) {
    if (!(await keepBody(bytes, body, exchange))) throw damaged(source, `has a damaged "${body.path}"`);
  }
  return manifest;
}

async function keepBody(bytes: ByteReader, { digest, size }: CachedFile, exchange: EntryExchange): Promise<boolean> {
  if (size > MAX_BUFFERED) return exchange.importBigBody(digest, bytes.pieces(size));
  const body = await bytes.take(size);
  return body !== undefined && exchange.importBody(digest, body);
}

interface Compressed extends AsyncIterable<Uint8Array> {
  /** Bytes so far. */
  size(): number;
  ended(): boolean;
}

function watch({ content, signer }: ArtifactSource): Compressed {
  let size = 0;
  let ended = false;
  return {
    size: () => size,
    ended: () => ended,
    async *[Symbol.asyncIterator]() {
      for await (const piece of content) {
        size += piece.length;
        signer?.update(piece);
        yield piece;
      }
      ended = true;
    },
  };
}

/** Expands no faster than it is read, and no further than an entry may. */
async function* expand(source: ArtifactSource, compressed: Compressed): AsyncGenerator<Uint8Array> {
  let failure: unknown;
  const expanded = pipeline(Readable.from(compressed), createZstdDecompress(EXPAND), (error) => {
    failure = error;
  });
  let size = 0;
  try {
    for await (const piece of expanded) {
      size += piece.length;
      if (isBomb(size, compressed.size())) throw damaged(source, 'expands to more than an entry may have');
      yield piece;
    }
  } catch (error) {
    throw isOfZlib(failure ?? error) ? damaged(source, 'does not expand', failure ?? error) : (failure ?? error);
  }
}

function isOfZlib(error: unknown): boolean {
  if (error instanceof CacheError) return false;
  return error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_|ERR_ZSTD)/.test(String(error.code));
}

function damaged({ key, location }: ArtifactSource, reason: string, cause?: unknown): CacheError {
  return remoteDamaged(location, `the entry "${key}" ${reason}`, cause);
}
