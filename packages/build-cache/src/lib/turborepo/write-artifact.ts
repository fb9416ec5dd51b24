import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createZstdCompress, zstdCompress } from 'node:zlib';
import type { Digest } from '../digest.ts';
import type { EntryExchange, ExportedEntry } from '../entry-exchange.ts';
import { parseManifest } from '../manifest.ts';
import { encodeHead, followingBodies, HEAD_SIZE, isBomb, MAX_BUFFERED } from './artifact-format.ts';
import type { ArtifactSigner } from './sign-artifact.ts';

/** An entry ready to be sent. */
export interface Artifact {
  /** In bytes. */
  readonly size: number;
  /** Milliseconds that it took to make. */
  readonly duration: number;
  readonly tag: string | undefined;
  /** Starts anew at each call. */
  open(): AsyncIterable<Uint8Array> | Buffer;
}

/** Up to here an artifact is made in memory; a bigger one twice, so that its size and tag are known before it is sent. */
const MAX_IN_MEMORY = 8 * 1024 * 1024;

const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

const compress = promisify(zstdCompress);

/** `undefined` where the local store has no such entry, a damaged one, or one that nobody could read. */
export async function writeArtifact(
  key: Digest,
  exchange: EntryExchange,
  newSigner: () => ArtifactSigner | undefined,
): Promise<Artifact | undefined> {
  const exported = exchange.exportEntry(key);
  const stored = exported && parseManifest(exported.manifest, key);
  if (exported === undefined || stored === undefined) return undefined;
  const order = followingBodies(stored).map(({ digest }) => digest);
  const raw = exported.bodies.reduce((sum, { size }) => sum + size, HEAD_SIZE + exported.manifest.length);
  const content = (): Generator<Uint8Array> => contentOf(exported, order);
  try {
    const artifact = await (raw <= MAX_IN_MEMORY ? inMemory(content, newSigner()) : inPieces(content, newSigner()));
    const duration = Math.round(stored.entry.duration);
    return isBomb(raw, artifact.size) ? undefined : { ...artifact, duration };
  } catch (error) {
    if (error instanceof DamagedBody) return undefined;
    throw error;
  }
}

class DamagedBody extends Error {}

/** Head, manifest and bodies; throws at the end of a body that is not what its digest says. */
function* contentOf({ manifest, bodies }: ExportedEntry, order: readonly Digest[]): Generator<Uint8Array> {
  yield encodeHead(manifest);
  yield manifest;
  const byDigest = new Map(bodies.map((body) => [body.digest, body]));
  for (const digest of order) {
    const body = byDigest.get(digest);
    if (body === undefined) throw new DamagedBody();
    if (body.size > MAX_BUFFERED) {
      yield* checked(body.pieces(), digest);
    } else {
      const bytes = body.read();
      if (bytes === undefined) throw new DamagedBody();
      yield bytes;
    }
  }
}

function* checked(pieces: Iterable<Uint8Array>, digest: Digest): Generator<Uint8Array> {
  const hash = createHash('sha256');
  for (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  if (`sha256:${hash.digest('hex')}` !== digest) throw new DamagedBody();
}

type Content = Omit<Artifact, 'duration'>;

async function inMemory(content: () => Iterable<Uint8Array>, signer: ArtifactSigner | undefined): Promise<Content> {
  const bytes = await compress(Buffer.concat([...content()]), LEVEL);
  signer?.update(bytes);
  return { size: bytes.length, tag: signer?.tag(), open: () => bytes };
}

/** The same bytes come of the same content: the second time they are sent. */
async function inPieces(content: () => Iterable<Uint8Array>, signer: ArtifactSigner | undefined): Promise<Content> {
  let size = 0;
  for await (const piece of compressed(content())) {
    size += piece.length;
    signer?.update(piece);
  }
  return { size, tag: signer?.tag(), open: () => compressed(content()) };
}

function compressed(content: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // Errors come to whoever iterates.
  return pipeline(Readable.from(content), createZstdCompress(LEVEL), () => undefined);
}
