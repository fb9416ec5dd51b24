import type { Digest } from './digest.ts';
import type { MeasuredEntry } from './indexed-entry.ts';

export interface EvictionPolicy {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Above this many bytes, entries are evicted until nine tenths of it are left. */
  readonly maxBytes: number;
  /** Milliseconds: entries that were not used for longer go, whatever the size. */
  readonly retention: number;
  /** Milliseconds: entries used within are kept, whatever the size. */
  readonly grace: number;
  readonly pinned: ReadonlySet<Digest>;
}

/** Evicting a little more than needed is what makes a sweep rare. */
const LOW_WATER = 0.9;

/** Which entries go: those unused for too long, then the least recently used until the rest fits. Pure. */
export function chooseEvictions(entries: readonly MeasuredEntry[], policy: EvictionPolicy): MeasuredEntry[] {
  const references = countReferences(entries);
  let total = entries.reduce((sum, entry) => sum + entry.manifestSize, 0);
  for (const { size } of references.values()) total += size;
  const limit = total > policy.maxBytes ? policy.maxBytes * LOW_WATER : policy.maxBytes;
  const evicted: MeasuredEntry[] = [];
  for (const entry of [...entries].sort((a, b) => a.used - b.used || (a.key < b.key ? -1 : 1))) {
    const age = policy.now - entry.used;
    if (policy.pinned.has(entry.key) || age < policy.grace) continue;
    if (age <= policy.retention && total <= limit) continue;
    total -= release(entry, references);
    evicted.push(entry);
  }
  return evicted;
}

type References = Map<Digest, { size: number; count: number }>;

function countReferences(entries: readonly MeasuredEntry[]): References {
  const references: References = new Map();
  for (const { bodies } of entries) {
    for (const { digest, size } of bodies) {
      const known = references.get(digest);
      if (known === undefined) references.set(digest, { size, count: 1 });
      else known.count++;
    }
  }
  return references;
}

/** The bytes that come free with an entry: its manifest, and the bodies that only it still names. */
function release({ manifestSize, bodies }: MeasuredEntry, references: References): number {
  let freed = manifestSize;
  for (const { digest } of bodies) {
    const reference = references.get(digest);
    if (reference !== undefined && --reference.count === 0) freed += reference.size;
  }
  return freed;
}
