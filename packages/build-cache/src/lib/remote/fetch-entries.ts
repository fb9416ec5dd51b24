import type { BodyName } from '../body-store.ts';
import { type Digest, digestOf } from '../digest.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { remoteDamaged } from '../errors.ts';
import { parseManifest } from '../manifest.ts';
import { MAX_PACK, type Pack, rawSize } from './directory.ts';
import { limitConcurrency } from './limit-concurrency.ts';
import { expandBlob, type OpenSnapshot, readBlob, readPieces, type SnapshotSource } from './read-snapshot.ts';
import type { RemoteDescriptor } from './remote-store.ts';
import { LAYER_TYPE } from './snapshot.ts';

/** Brings entries of a snapshot into the local store. */
export interface EntryFetcher {
  readonly keys: ReadonlySet<Digest>;
  /** Whether some blob of the snapshot holds this body. */
  hasBody(digest: Digest): boolean;
  /**
   * Brings an entry here. False where the snapshot has none.
   *
   * @throws {CacheError} `REMOTE_DAMAGED` when it is not what it announces: nothing of it is then used.
   */
  fetch(key: Digest): Promise<boolean>;
}

/** Blobs on their way at once. */
const DOWNLOADS = 8;

/** A manifest that is a blob of its own has at most this many bytes. */
const MAX_BIG_MANIFEST = 64 * 1024 * 1024;

type Location =
  | { readonly kind: 'pack'; readonly pack: Pack; readonly blob: RemoteDescriptor }
  | { readonly kind: 'body'; readonly blob: RemoteDescriptor };

export function createFetcher(source: SnapshotSource, snapshot: OpenSnapshot, exchange: EntryExchange): EntryFetcher {
  const { location } = source.store;
  const manifests = new Map<Digest, Digest>();
  const places = locateBodies(snapshot, manifests);
  const texts = new Map<Digest, Buffer>();
  const loader = { source, exchange, texts, isManifest: new Set(manifests.values()) };
  const underway = new Map<Digest, Promise<void>>();
  const limited = limitConcurrency(DOWNLOADS);

  /** Brings the blob that holds a body, once however many ask. */
  function bring(digest: Digest): Promise<void> {
    const place = places.get(digest);
    if (place === undefined) throw remoteDamaged(location, `no blob holds "${digest}"`);
    const started = underway.get(place.blob.digest);
    if (started !== undefined) return started;
    const loading = limited(() =>
      place.kind === 'pack' ? loadPack(loader, place.pack, place.blob) : loadBody(loader, digest, place.blob),
    );
    underway.set(place.blob.digest, loading);
    return loading;
  }

  return {
    keys: new Set(manifests.keys()),
    hasBody: (digest) => places.has(digest),
    async fetch(key) {
      const digest = manifests.get(key);
      if (digest === undefined) return false;
      await bring(digest);
      const text = texts.get(digest);
      const stored = text && parseManifest(text, key);
      if (text === undefined || stored === undefined) throw remoteDamaged(location, `the entry "${key}" is damaged`);
      const needed = stored.entry.files.filter((file) => !stored.inline.has(file.digest));
      const absent = new Set(needed.map((file) => file.digest).filter((body) => !exchange.hasBody(body)));
      await Promise.all([...absent].map(bring));
      if (exchange.importEntry(key, text, source.name)) return true;
      throw remoteDamaged(location, `the entry "${key}" is damaged, or could not be kept here`);
    },
  };
}

interface Loader {
  readonly source: SnapshotSource;
  readonly exchange: EntryExchange;
  /** Manifests that came, by their digest: they go into the store last. */
  readonly texts: Map<Digest, Buffer>;
  readonly isManifest: ReadonlySet<Digest>;
}

async function loadPack(loader: Loader, pack: Pack, blob: RemoteDescriptor): Promise<void> {
  const { location } = loader.source.store;
  const size = rawSize(pack);
  const bytes = await expandBlob(location, await readBlob(loader.source, blob, MAX_PACK), size);
  if (bytes.length !== size) throw remoteDamaged(location, `the pack "${blob.digest}" is shorter than announced`);
  let start = 0;
  for (const { digest, size: length } of pack.bodies) {
    keep(loader, digest, bytes.subarray(start, start + length));
    start += length;
  }
}

async function loadBody(loader: Loader, digest: Digest, blob: RemoteDescriptor): Promise<void> {
  const { source, exchange, isManifest } = loader;
  if (isManifest.has(digest)) return keep(loader, digest, await readBlob(source, blob, MAX_BIG_MANIFEST));
  const kept = await exchange.importBigBody(digest, readPieces(source, blob));
  if (!kept) throw remoteDamaged(source.store.location, `"${digest}" could not be kept here`);
}

function keep({ source, exchange, texts, isManifest }: Loader, digest: Digest, bytes: Buffer): void {
  const { location } = source.store;
  if (digestOf(bytes) !== digest) throw remoteDamaged(location, `what should be "${digest}" is something else`);
  // A copy: the slice would keep the whole pack in memory.
  if (isManifest.has(digest)) texts.set(digest, Buffer.from(bytes));
  else if (!exchange.importBody(digest, bytes)) throw remoteDamaged(location, `"${digest}" could not be kept here`);
}

/** Where each body lies; the first segment that has a key or a body is the one that counts. */
function locateBodies({ segments }: OpenSnapshot, manifests: Map<Digest, Digest>): Map<Digest, Location> {
  const blobs = new Map(segments.flatMap(({ content }) => content.map((blob) => [blob.digest, blob] as const)));
  const places = new Map<Digest, Location>();
  const add = ({ digest }: BodyName, place: Location) => {
    if (!places.has(digest)) places.set(digest, place);
  };
  for (const { entries, packs, bodies } of segments.map((segment) => segment.entries)) {
    for (const { key, manifest } of entries) if (!manifests.has(key)) manifests.set(key, manifest);
    for (const pack of packs) {
      const blob = blobs.get(pack.digest);
      if (blob?.mediaType !== LAYER_TYPE.pack) continue;
      for (const body of pack.bodies) add(body, { kind: 'pack', pack, blob });
    }
    for (const body of bodies) {
      const blob = blobs.get(body.digest);
      if (blob?.mediaType === LAYER_TYPE.body && blob.size === body.size) add(body, { kind: 'body', blob });
    }
  }
  return places;
}
