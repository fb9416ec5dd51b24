import { join } from 'node:path';
import type { CacheEntry } from '../cache.ts';
import { type Digest, digestOf } from '../digest.ts';
import type { LocalCache } from '../local-cache.ts';
import { parseManifest } from '../manifest.ts';
import type { RenewedCache } from './renewed-cache.ts';
import type { UploadDirectory } from './upload-directory.ts';

/** Which artifact: protocols, teams and namespaces do not see each other's. */
export interface ArtifactName {
  readonly protocol: 'turborepo' | 'nx';
  readonly team: string;
  /** `''` is the team's own. */
  readonly namespace: string;
  readonly hash: string;
}

/** What is kept with an artifact and given back with it. */
export interface ArtifactFacts {
  /** Milliseconds that it took to make. */
  readonly duration: number;
  /** Headers that a client sent to have them back. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ShelvedArtifact extends ArtifactFacts {
  /** In bytes. */
  readonly size: number;
}

/** Artifacts in a local store: each is an entry of one file, under a key that is made of its name. */
export interface ArtifactShelf {
  /** Reads the record only. */
  find(name: ArtifactName): Promise<ShelvedArtifact | undefined>;
  /** Lays it, verified, where only `action` uses it. `undefined` where there is none, or a damaged one: it is then dropped. */
  take<T>(name: ArtifactName, action: (file: string, artifact: ShelvedArtifact) => Promise<T>): Promise<T | undefined>;
  /**
   * Keeps what `receive` writes to a file. The first writer of a name wins: what comes later is let go. False where the store
   * could not keep it.
   */
  put(name: ArtifactName, facts: ArtifactFacts, receive: (file: string) => Promise<void>): Promise<boolean>;
}

/** The one file of an entry. */
const FILE = 'artifact';

export function artifactShelf(store: RenewedCache, uploads: UploadDirectory): ArtifactShelf {
  return {
    find: (name) => store.use(async (cache) => readRecord(cache, keyOf(name))),
    take: (name, action) =>
      store.use(async (cache) => {
        const hit = await cache.lookup(keyOf(name), stepOf(name));
        const artifact = hit && describe(hit.entry);
        if (hit === undefined || artifact === undefined) return undefined;
        return uploads.use(async (directory) =>
          (await hit.restore(directory)) ? action(join(directory, FILE), artifact) : undefined,
        );
      }),
    put: (name, { duration, headers }, receive) =>
      uploads.use(async (directory) => {
        await receive(join(directory, FILE));
        const value = { ...name, headers };
        const entry = { key: keyOf(name), step: stepOf(name), directory, paths: [FILE], value, duration };
        const kept = await store.use(async (cache) => {
          const { files } = await cache.store(entry);
          return cache.exchange.hasEntry(entry.key) ? files[0] : undefined;
        });
        if (kept) store.grew(kept.size);
        else store.renew();
        return kept !== undefined;
      }),
  };
}

function keyOf({ protocol, team, namespace, hash }: ArtifactName): Digest {
  return digestOf(JSON.stringify([protocol, team, namespace, hash]));
}

/** How lists and statistics show it. */
function stepOf({ protocol, team, namespace }: ArtifactName): string {
  return [protocol, team, namespace].filter((part) => part !== '').join(':');
}

/** Not a look-up: whether something is there is asked more often than it is fetched, and saves nothing. */
function readRecord({ exchange }: LocalCache, key: Digest): ShelvedArtifact | undefined {
  const stored = parseManifest(exchange.exportEntry(key)?.manifest ?? Buffer.alloc(0), key);
  return stored && describe(stored.entry);
}

/** `undefined` for an entry of another kind, which nobody can have put under such a key. */
function describe({ files, value, duration }: CacheEntry): ShelvedArtifact | undefined {
  const [file] = files;
  if (file?.path !== FILE || files.length > 1 || typeof value !== 'object' || value === null) return undefined;
  const headers = 'headers' in value && typeof value.headers === 'object' ? (value.headers ?? {}) : {};
  const texts = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { size: file.size, duration, headers: Object.fromEntries(texts) };
}
