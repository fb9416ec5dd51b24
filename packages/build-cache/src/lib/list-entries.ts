import type { BodyName } from './body-store.ts';
import type { Digest } from './digest.ts';
import { readManifest } from './entry-store.ts';
import { codeOf } from './errors.ts';
import type { StoredEntry } from './manifest.ts';
import type { StoreLayout } from './store-layout.ts';
import { walkStore } from './walk-store.ts';

/** One entry of the store, as `list` shows it and eviction weighs it. */
export interface ListedEntry {
  readonly key: Digest;
  readonly step: string;
  readonly files: number;
  /** Bytes of its files and its manifest; bodies shared with other entries are counted in each. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Milliseconds since the epoch, to within some minutes. */
  readonly used: number;
  /** Milliseconds that a hit saves. */
  readonly duration: number;
}

/** An entry with what it takes in the store. */
export interface MeasuredEntry extends ListedEntry {
  readonly file: string;
  readonly manifestSize: number;
  /** Those that are not in the manifest itself. */
  readonly bodies: readonly BodyName[];
}

/**
 * Every readable entry, in order of key. Damaged ones are left to `verify` and to whoever looks them up; of one that is
 * there and cannot be read now, `onUnreadable` is told.
 */
export function* measureEntries(layout: StoreLayout, onUnreadable: () => void = () => {}): Generator<MeasuredEntry> {
  for (const shard of walkStore(layout.entries)) {
    for (const { file, digest: key, size: manifestSize, used } of shard) {
      const stored = readIfThere(file, key, onUnreadable);
      if (stored === undefined) continue;
      const { step, files, created, duration } = stored.entry;
      const bodies = files.filter((body) => !stored.inline.has(body.digest));
      const size = bodies.reduce((sum, body) => sum + body.size, manifestSize);
      yield { key, step, files: files.length, size, created, used, duration, file, manifestSize, bodies };
    }
  }
}

/** What the store holds, last used first. */
export function listEntries(layout: StoreLayout): ListedEntry[] {
  return Array.from(measureEntries(layout), ({ key, step, files, size, created, used, duration }) => ({
    key,
    step,
    files,
    size,
    created,
    used,
    duration,
  })).sort((a, b) => b.used - a.used || (a.key < b.key ? -1 : 1));
}

/** Another process may evict an entry while this one walks. */
function readIfThere(file: string, key: Digest, onUnreadable: () => void): StoredEntry | undefined {
  try {
    return readManifest(file, key);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') onUnreadable();
    return undefined;
  }
}
