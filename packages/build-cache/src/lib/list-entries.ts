import type { CacheEntry } from './cache.ts';
import type { Digest } from './digest.ts';
import { type OpenIndex, toListed } from './entry-index.ts';
import { readManifest } from './entry-store.ts';
import { codeOf } from './errors.ts';
import type { ListedEntry, ManifestFacts, MeasuredEntry } from './indexed-entry.ts';
import { INLINE_LIMIT, type StoredEntry } from './manifest.ts';
import type { StoreLayout } from './store-layout.ts';
import { type StoredFile, walkStore } from './walk-store.ts';

/** What lies in the store, however it was found out. */
export interface MeasuredStore {
  /** Every readable entry, in order of key. Damaged ones are left to `verify` and to whoever looks them up. */
  readonly entries: readonly MeasuredEntry[];
  /** False where a manifest is there and cannot be read now: what it names is not known. */
  readonly complete: boolean;
  /** Whether the index says the same. */
  readonly indexed: boolean;
}

/** Looks at every manifest's file, and reads those that the index does not know, or not all of. */
export function measureEntries(layout: StoreLayout, index: OpenIndex | undefined): MeasuredStore {
  const entries: MeasuredEntry[] = [];
  let complete = true;
  let learnt = 0;
  for (const shard of walkStore(layout.entries)) {
    for (const stored of shard) {
      const facts = factsOf(stored);
      const known = index?.recall(stored.digest, facts);
      if (known?.bodies !== undefined) {
        entries.push({ ...known, bodies: known.bodies, used: stored.used });
        continue;
      }
      if (known === undefined) learnt++;
      const read = readIfThere(stored, () => {
        complete = false;
      });
      if (read !== undefined) entries.push(indexedEntry(read.entry, { ...facts, used: stored.used }, isBeside(read)));
    }
  }
  return { entries, complete, indexed: learnt === 0 && index?.size === entries.length };
}

/**
 * @param isBody whether a digest's bytes lie beside the manifest; default: where this version would have put them.
 */
export function indexedEntry(
  { key, step, files, created, duration }: CacheEntry,
  facts: ManifestFacts & { readonly used: number },
  isBody: (digest: Digest, size: number) => boolean = (_, size) => size > INLINE_LIMIT,
): MeasuredEntry {
  const bodies = files.filter(({ digest, size }) => isBody(digest, size)).map(({ digest, size }) => ({ digest, size }));
  const size = bodies.reduce((sum, body) => sum + body.size, facts.manifestSize);
  return { key, step, files: files.length, size, created, duration, ...facts, bodies };
}

/** What tells a manifest's file from another. */
export function factsOf({ size, ino, born }: Pick<StoredFile, 'size' | 'ino' | 'born'>): ManifestFacts {
  return { manifestSize: size, ino, born };
}

/** Last used first. */
export function listEntries(entries: readonly MeasuredEntry[]): ListedEntry[] {
  return entries.map(toListed).sort((a, b) => b.used - a.used || (a.key < b.key ? -1 : 1));
}

/** Bytes on disk; what entries share is counted once. */
export function storedBytes(entries: readonly MeasuredEntry[]): number {
  const bodies = new Map(entries.flatMap((entry) => entry.bodies.map(({ digest, size }) => [digest, size] as const)));
  const manifests = entries.reduce((sum, { manifestSize }) => sum + manifestSize, 0);
  return [...bodies.values()].reduce((sum, size) => sum + size, manifests);
}

function isBeside({ inline }: StoredEntry): (digest: Digest) => boolean {
  return (digest) => !inline.has(digest);
}

/** Another process may evict an entry while this one walks. */
function readIfThere({ file, digest }: StoredFile, onUnreadable: () => void): StoredEntry | undefined {
  try {
    return readManifest(file, digest);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') onUnreadable();
    return undefined;
  }
}
