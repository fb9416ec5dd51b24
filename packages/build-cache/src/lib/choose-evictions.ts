import type { Digest } from './digest.ts';
import type { MeasuredEntry } from './indexed-entry.ts';

/**
 * Which entries go first: `worth`, those that have taken the most bytes for the longest time for each millisecond that they
 * save; `use`, the least recently used.
 */
export type EvictionOrder = 'worth' | 'use';

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
  readonly order: EvictionOrder;
}

/** Evicting a little more than needed is what makes a sweep rare. */
const LOW_WATER = 0.9;

/** Which entries go: those unused for too long, then in the policy's order until the rest fits. Pure. */
export function chooseEvictions(entries: readonly MeasuredEntry[], policy: EvictionPolicy): MeasuredEntry[] {
  const references = countReferences(entries);
  let total = entries.reduce((sum, entry) => sum + entry.manifestSize, 0);
  for (const { size } of references.values()) total += size;
  const limit = total > policy.maxBytes ? policy.maxBytes * LOW_WATER : policy.maxBytes;
  const idle = ({ used }: MeasuredEntry) => policy.now - used;
  const free = entries.filter((entry) => !policy.pinned.has(entry.key) && idle(entry) >= policy.grace);
  const evicted = free.filter((entry) => idle(entry) > policy.retention);
  for (const entry of evicted) total -= release(entry, references);
  const rest = free.filter((entry) => idle(entry) <= policy.retention);
  for (const entry of inOrder(rest, references, policy)) {
    if (total <= limit) break;
    total -= release(entry, references);
    evicted.push(entry);
  }
  return evicted;
}

/** First to go first. See docs/decisions/014-index-in-columns.md for what `worth` is worth. */
function inOrder(
  entries: readonly MeasuredEntry[],
  references: References,
  { now, order }: EvictionPolicy,
): readonly MeasuredEntry[] {
  const burdens = entries.map((entry) => {
    const idle = now - entry.used;
    const burden = order === 'use' ? idle : (idle * shareOf(entry, references)) / (entry.duration + 1);
    return { entry, burden };
  });
  burdens.sort((a, b) => b.burden - a.burden || (a.entry.key < b.entry.key ? -1 : 1));
  return burdens.map(({ entry }) => entry);
}

/** The bytes that an entry takes, if those of a shared body are shared, too. */
function shareOf({ manifestSize, bodies }: MeasuredEntry, references: References): number {
  return bodies.reduce((sum, { digest, size }) => sum + size / (references.get(digest)?.count ?? 1), manifestSize);
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
