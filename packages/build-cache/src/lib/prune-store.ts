import { lstatSync, rmSync, statfsSync } from 'node:fs';
import { chooseEvictions } from './choose-evictions.ts';
import type { Digest } from './digest.ts';
import { removeFile } from './file-bytes.ts';
import { writeGrowth } from './growth.ts';
import { type MeasuredEntry, measureEntries } from './list-entries.ts';
import { GRACE } from './mark-used.ts';
import type { Store } from './store.ts';
import type { StoreLayout } from './store-layout.ts';
import { namesIn, walkStore } from './walk-store.ts';

export interface PruneOptions {
  /** Bytes. Default: the smaller of 10 GB and a tenth of the disk. */
  readonly maxBytes?: number;
  /** Milliseconds since the last use. Default: 30 days. */
  readonly retention?: number;
  /** Milliseconds: what was used within is kept, because another process may be about to restore it. Default: 10 minutes. */
  readonly grace?: number;
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

/** Evicts what is old or too much, then removes what nothing names. Costs one read per entry and one stat per body. */
export function pruneStore(store: Store, options: PruneOptions = {}): PruneReport {
  const { layout } = store;
  const { maxBytes = defaultMaxBytes(layout), retention = DEFAULT_RETENTION, grace = GRACE } = options;
  const now = store.now();
  let unreadable = false;
  const entries = [
    ...measureEntries(layout, () => {
      unreadable = true;
    }),
  ];
  const chosen = chooseEvictions(entries, { now, maxBytes, retention, grace, pinned: store.pinned });
  // An entry that cannot be removed keeps its bodies, and so does one that another process counts on since it was measured.
  const evicted = chosen.filter((entry) => !wasUsedSince(entry) && removeFile(entry.file));
  for (const { key, size } of evicted) store.emit({ type: 'evicted', key, bytes: size });
  const gone = new Set(evicted);
  const kept = entries.filter((entry) => !gone.has(entry));
  // What an unreadable manifest names is not known: every body stays until a sweep that can read all of them.
  const before = unreadable ? Number.NEGATIVE_INFINITY : now - grace;
  const bodies = removeUnusedBodies(layout, namedBodies(kept), before);
  removeLeftovers(layout, now, retention);
  const manifestBytes = kept.reduce((sum, { manifestSize }) => sum + manifestSize, 0);
  const keptBytes = manifestBytes + bodies.keptBytes;
  writeGrowth(layout, { swept: now, bytes: keptBytes });
  const freedBytes = bodies.freedBytes + evicted.reduce((sum, { manifestSize }) => sum + manifestSize, 0);
  return { evicted: evicted.length, kept: kept.length, unused: bodies.removed, freedBytes, keptBytes };
}

function wasUsedSince({ file, used }: MeasuredEntry): boolean {
  return (lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > used;
}

function namedBodies(entries: readonly MeasuredEntry[]): Set<Digest> {
  const named = new Set<Digest>();
  for (const { bodies } of entries) for (const { digest } of bodies) named.add(digest);
  return named;
}

/** A body is written before the manifest that names it: one that was written or used since `before` stays. */
function removeUnusedBodies(
  layout: StoreLayout,
  named: ReadonlySet<Digest>,
  before: number,
): { removed: number; freedBytes: number; keptBytes: number } {
  const result = { removed: 0, freedBytes: 0, keptBytes: 0 };
  for (const shard of walkStore(layout.bodies)) {
    for (const { file, digest, size, used } of shard) {
      if (named.has(digest) || used > before) {
        result.keptBytes += size;
      } else {
        removeFile(file);
        result.removed++;
        result.freedBytes += size;
      }
    }
  }
  return result;
}

/** What killed processes left behind, damaged files that nobody looked at for a day, and what is known of old outputs. */
function removeLeftovers(layout: StoreLayout, now: number, retention: number): void {
  for (const name of namesIn(layout.outputs)) {
    const file = `${layout.outputs}/${name}`;
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

/** Signal 0 asks only whether the process is there; one of another user is, too. */
function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
