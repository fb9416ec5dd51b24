import type { KeyObject } from 'node:crypto';
import type { Digest } from '../digest.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { codeOf } from '../errors.ts';
import { type CollectedSegment, collectSegment, type SegmentCollector } from './collect-segment.ts';
import { limitConcurrency } from './limit-concurrency.ts';
import { EMPTY_SNAPSHOT, type OpenSnapshot, readSnapshot, type SnapshotSource } from './read-snapshot.ts';
import type { RemoteDescriptor, RemoteStore } from './remote-store.ts';
import { signSnapshot } from './sign-snapshot.ts';
import { encodeConfig, encodeSnapshot, layersOf, type RemoteBlob, type Segment } from './snapshot.ts';

/** What a run added to a remote. */
export interface SentReport {
  readonly entries: number;
  /** Of what was sent; what was there already is not counted. */
  readonly bytes: number;
}

/** Adds a segment to a snapshot. */
export interface SnapshotWriter {
  /**
   * Takes an entry of the local store and sends it in the background; one that is there already stays: first writer wins. False where
   * it is not sent.
   */
  add(key: Digest): boolean;
  /** Makes what was sent visible. Throws what went wrong on the way. */
  finish(): Promise<SentReport>;
}

export interface SnapshotWriterOptions {
  readonly store: RemoteStore;
  /** What there was when the run began. */
  readonly snapshot: OpenSnapshot;
  /** To read it again where another process has written meanwhile. */
  readonly source: SnapshotSource;
  readonly isKnown: (key: Digest) => boolean;
  /** Whether something of what there was turned out to be damaged: then the run begins a new snapshot, of what it used. */
  readonly isDamaged: () => boolean;
  readonly isKept: (digest: Digest) => boolean;
  readonly exchange: EntryExchange;
  readonly privateKey: KeyObject | undefined;
  /** Told of bytes as they go. */
  readonly onBytes: (bytes: number) => void;
}

/** Blobs on their way at once. */
const UPLOADS = 4;

/** From here on a run begins a new snapshot, of what it used itself: that bounds manifests, look-ups and waste. */
export const MAX_SEGMENTS = 64;

/** What a snapshot of too many segments counts as for whoever writes. */
export function writableSnapshot(snapshot: OpenSnapshot): OpenSnapshot {
  return snapshot.segments.length < MAX_SEGMENTS ? snapshot : { ...EMPTY_SNAPSHOT, digest: snapshot.digest };
}

export function createSnapshotWriter(options: SnapshotWriterOptions): SnapshotWriter {
  const { store, exchange, isKnown, isKept, isDamaged, onBytes } = options;
  const limited = limitConcurrency(UPLOADS);
  const used = new Set<Digest>();
  let bytes = 0;
  const send = (descriptor: RemoteDescriptor, open: () => Iterable<Uint8Array>): Promise<void> =>
    limited(async () => {
      if (await store.has(descriptor)) return;
      await store.write(descriptor, () => counted(open(), onBytes));
      bytes += descriptor.size;
    });
  const collector = collectSegment(exchange, { isKept, send });
  const sendBlob = (blob: RemoteBlob): Promise<void> => send(blob.descriptor, () => [blob.bytes]);

  /** All that the run used, with all its bodies; `undefined` where it is not all here: then what there is stays. */
  function collectAnew(): SegmentCollector | undefined {
    const whole = collectSegment(exchange, { isKept: () => false, send });
    return [...used].every((key) => whole.add(key)) ? whole : undefined;
  }

  return {
    add(key) {
      if (used.has(key)) return false;
      used.add(key);
      return !isKnown(key) && collector.add(key);
    },
    async finish() {
      const anew = isDamaged() ? collectAnew() : undefined;
      const { size, finish } = anew ?? collector;
      if (size === 0) return { entries: 0, bytes: 0 };
      const collected = await finish();
      await sendBlob(collected.directory);
      const before = anew === undefined ? options.snapshot : { ...options.snapshot, segments: [] };
      await publish({ ...options, snapshot: before }, collected, sendBlob);
      return { entries: size, bytes };
    },
  };
}

/** The tag comes last: until then nobody sees anything of it. */
async function publish(
  { store, source, snapshot, privateKey }: SnapshotWriterOptions,
  { segment }: CollectedSegment,
  sendBlob: (blob: RemoteBlob) => Promise<void>,
): Promise<void> {
  const segments: Segment[] = [...(await readAgain(source, snapshot)), segment];
  const layers = layersOf(segments);
  const config = encodeConfig(privateKey === undefined ? [] : [signSnapshot(source.tag, layers, privateKey)]);
  await sendBlob(config);
  const manifest = encodeSnapshot(segments, config.descriptor);
  await sendBlob(manifest);
  await store.tag(manifest.descriptor, source.tag);
}

/**
 * The segments to keep. What another process has added since is kept, too; where two publish in the same moment, the later
 * wins and the other's segment is sent again by a later run.
 */
async function readAgain(source: SnapshotSource, before: OpenSnapshot): Promise<readonly Segment[]> {
  try {
    const { digest } = await source.store.resolve(source.tag);
    if (digest === before.digest) return before.segments;
    return writableSnapshot(await readSnapshot(source)).segments;
  } catch (error) {
    // None yet, or one that must not be carried on.
    if (['TAG_NOT_FOUND', 'REMOTE_UNTRUSTED', 'REMOTE_DAMAGED'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}

function* counted(content: Iterable<Uint8Array>, onBytes: (bytes: number) => void): Generator<Uint8Array> {
  for (const piece of content) {
    onBytes(piece.length);
    yield piece;
  }
}
