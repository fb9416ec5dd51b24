import { pipeline, Readable } from 'node:stream';
import { constants, createZstdDecompress } from 'node:zlib';
import type { CachedFile } from '../cache.ts';
import type { Digest } from '../digest.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { CacheError, remoteDamaged, remoteUntrusted } from '../errors.ts';
import { parseManifest } from '../manifest.ts';
import { followingBodies, HEAD_SIZE, isBomb, MAX_BUFFERED, parseHead } from './artifact-format.ts';
import { type ByteReader, EndedEarly, readBytes } from './read-bytes.ts';
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
  const progress: Progress = { compressed: 0, expanded: 0, ended: false };
  const bytes = readBytes(expand(source, progress));
  const manifest = await readEntry(bytes, source, exchange);
  if (!(await bytes.atEnd()) || !progress.ended) throw damaged(source, 'has more than it announces');
  if (signer !== undefined && !signer.verifies(tag ?? '')) {
    throw remoteUntrusted(location, `the entry "${key}" is not signed with the key that is trusted`);
  }
  if (!exchange.importEntry(key, manifest, location)) throw damaged(source, 'could not be kept here');
}

/** The manifest, after all its bodies were kept. */
async function readEntry(bytes: ByteReader, source: ArtifactSource, exchange: EntryExchange): Promise<Buffer> {
  try {
    const length = parseHead(await bytes.take(HEAD_SIZE));
    if (length === undefined) throw damaged(source, 'is not one of ours');
    const manifest = await bytes.take(length);
    const stored = parseManifest(manifest, source.key);
    if (stored === undefined) throw damaged(source, 'has a damaged manifest');
    for (const body of followingBodies(stored)) {
      if (!(await keepBody(bytes, body, exchange))) throw damaged(source, `has a damaged "${body.path}"`);
    }
    return manifest;
  } catch (error) {
    throw error instanceof EndedEarly ? damaged(source, 'has less than it announces') : error;
  }
}

async function keepBody(bytes: ByteReader, { digest, size }: CachedFile, exchange: EntryExchange): Promise<boolean> {
  if (size > MAX_BUFFERED) return exchange.importBigBody(digest, bytes.pieces(size));
  return exchange.importBody(digest, await bytes.take(size));
}

/** How far the reading of an artifact has come. */
interface Progress {
  /** Bytes that came. */
  compressed: number;
  /** Bytes that were made of them. */
  expanded: number;
  ended: boolean;
}

/** What comes may be ahead of what it expands to by what lies in buffers on the way; what goes on and on is none of ours. */
const AHEAD = 16 * 1024 * 1024;

async function* watch(source: ArtifactSource, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const piece of source.content) {
    progress.compressed += piece.length;
    if (progress.compressed > progress.expanded + AHEAD) throw damaged(source, 'has more than it announces');
    source.signer?.update(piece);
    yield piece;
  }
  progress.ended = true;
}

/** Expands no faster than it is read, and no further than an entry may. */
async function* expand(source: ArtifactSource, progress: Progress): AsyncGenerator<Uint8Array> {
  // Errors come to whoever iterates.
  const expanded = pipeline(Readable.from(watch(source, progress)), createZstdDecompress(EXPAND), () => undefined);
  try {
    for await (const piece of expanded) {
      progress.expanded += piece.length;
      const { compressed, expanded: size } = progress;
      if (isBomb(size, compressed)) throw damaged(source, 'expands to more than an entry may have');
      yield piece;
    }
  } catch (error) {
    throw isOfZlib(error) ? damaged(source, 'does not expand', error) : error;
  }
}

function isOfZlib(error: unknown): boolean {
  if (error instanceof CacheError) return false;
  return error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_|ERR_ZSTD)/.test(String(error.code));
}

function damaged({ key, location }: ArtifactSource, reason: string, cause?: unknown): CacheError {
  return remoteDamaged(location, `the entry "${key}" ${reason}`, cause);
}
