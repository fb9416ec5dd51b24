import { lstatSync, rmSync, statfsSync } from 'node:fs';
import { chooseEvictions, type EvictionOrder } from './choose-evictions.ts';
import type { Digest } from './digest.ts';
import { removeFile } from './file-bytes.ts';
import { writeGrowth } from './growth.ts';
import type { MeasuredEntry } from './indexed-entry.ts';
import { isRunning } from './is-running.ts';
import { GRACE } from './mark-used.ts';
import type { Store } from './store.ts';
import { measureStore, replaceIndex } from './store-index.ts';
import { entryPath, type StoreLayout } from './store-layout.ts';
import { namesIn, readStoredFile, walkDigests } from './walk-store.ts';

export interface PruneOptions {
  /** Bytes. Default: the smaller of 10 GB and a tenth of the disk. */
  readonly maxBytes?: number;
  /** Milliseconds since the last use. Default: 30 days. */
  readonly retention?: number;
  /** Milliseconds: what was used within is kept, because another process may be about to restore it. Default: 10 minutes. */
  readonly grace?: number;
  /**
   * Which entries go first where there are too many: `worth`, the default, weighs the time that an entry saves against its
   * bytes and how long nobody used it; `use` is the least recently used.
   */
  readonly order?: EvictionOrder;
}

export interface PruneReport {
  readonly evicted: number;
  readonly kept: number;
  /** Bodies that no entry names. */
  readonly unused: number;
  readonly freedBytes: number;
  readonly keptBytes: number;
}

const TEN_GIGABYTES = 10 * 1000 ** 3;
const DAY = 24 * 3600_000;
const HOUR = 3600_000;

/** Milliseconds. */
export const DEFAULT_RETENTION = 30 * DAY;

/** The default size limit of a store: the smaller of 10 GB and a tenth of the disk it lies on. */
export function defaultMaxBytes(layout: StoreLayout): number {
  try {
    const { blocks, bsize } = statfsSync(layout.store);
    return Math.min(TEN_GIGABYTES, Math.floor((blocks * bsize) / 10));
  } catch {
    return TEN_GIGABYTES;
  }
}

/**
 * Evicts what is old or too much, then removes what nothing names. Costs one stat per entry and one listing of the bodies;
 * manifests are read only where the index does not know them.
 */
export function pruneStore(store: Store, options: PruneOptions = {}): PruneReport {
  const { layout } = store;
  const { maxBytes = defaultMaxBytes(layout), retention = DEFAULT_RETENTION, grace = GRACE, order = 'worth' } = options;
  const now = store.now();
  const measured = measureStore(store);
  const chosen = chooseEvictions(measured.entries, { now, maxBytes, retention, grace, pinned: store.pinned, order });
  // An entry that cannot be removed keeps its bodies, and so does one that another process counts on since it was measured.
  const evicted = chosen.filter((entry) => !wasUsedSince(layout, entry) && removeFile(entryPath(layout, entry.key)));
  for (const { key, size } of evicted) store.emit({ type: 'evicted', key, bytes: size });
  const gone = new Set(evicted);
  const kept = measured.entries.filter((entry) => !gone.has(entry));
  // What an unreadable manifest names is not known: every body stays until a sweep that can read all of them.
  const before = measured.complete ? now - grace : Number.NEGATIVE_INFINITY;
  const bodies = removeUnusedBodies(layout, namedBodies(kept), before);
  removeLeftovers(layout, now, retention);
  if (evicted.length > 0) replaceIndex(store, kept);
  const manifestBytes = kept.reduce((sum, { manifestSize }) => sum + manifestSize, 0);
  const keptBytes = manifestBytes + bodies.keptBytes;
  writeGrowth(layout, { swept: now, bytes: keptBytes });
  const freedBytes = bodies.freedBytes + evicted.reduce((sum, { manifestSize }) => sum + manifestSize, 0);
  return { evicted: evicted.length, kept: kept.length, unused: bodies.removed, freedBytes, keptBytes };
}

function wasUsedSince(layout: StoreLayout, { key, used }: MeasuredEntry): boolean {
  return (readStoredFile(entryPath(layout, key), key)?.used ?? 0) > used;
}

/** The size of each. */
function namedBodies(entries: readonly MeasuredEntry[]): Map<Digest, number> {
  const named = new Map<Digest, number>();
  for (const { bodies } of entries) for (const { digest, size } of bodies) named.set(digest, size);
  return named;
}

/** A body is written before the manifest that names it: one that was written or used since `before` stays. */
function removeUnusedBodies(
  layout: StoreLayout,
  named: ReadonlyMap<Digest, number>,
  before: number,
): { removed: number; freedBytes: number; keptBytes: number } {
  const result = { removed: 0, freedBytes: 0, keptBytes: 0 };
  for (const { file, digest } of walkDigests(layout.bodies)) {
    const known = named.get(digest);
    if (known !== undefined) {
      result.keptBytes += known;
      continue;
    }
    const stored = readStoredFile(file, digest);
    if (stored === undefined) continue;
    if (stored.used > before) {
      result.keptBytes += stored.size;
    } else {
      removeFile(file);
      result.removed++;
      result.freedBytes += stored.size;
    }
  }
  return result;
}

/** What killed processes left behind, damaged files that nobody looked at for a day, and what is known of old outputs. */
function removeLeftovers(layout: StoreLayout, now: number, retention: number): void {
  const hints = [layout.outputs, layout.links].flatMap((directory) =>
    namesIn(directory).map((name) => ({ file: `${directory}/${name}`, name })),
  );
  for (const { file, name } of hints) {
    const age = now - (lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now);
    if (age > retention || (age > HOUR && name.includes('.'))) removeFile(file);
  }
  for (const name of namesIn(layout.temporary)) {
    const directory = `${layout.temporary}/${name}`;
    const age = now - (lstatSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? now);
    if (age > DAY || (age > HOUR && !isRunning(Number.parseInt(name, 10)))) {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  for (const name of namesIn(layout.quarantine)) {
    const file = `${layout.quarantine}/${name}`;
    const age = now - (lstatSync(file, { throwIfNoEntry: false })?.ctimeMs ?? now);
    if (age > DAY) rmSync(file, { recursive: true, force: true });
  }
}
