import type { BuildCache, CacheEntry, NewEntry } from './cache.ts';
import { jsonText } from './json-text.ts';
import { outputDigest } from './output-digest.ts';
import { readOutputs } from './read-outputs.ts';

/** A cache that never hits and keeps nothing, but still says what a step gave: what `--no-cache` passes. */
export function emptyCache({ now }: { now: () => number }): BuildCache {
  return {
    lookup: () => Promise.resolve(undefined),
    store: async (entry) => describeEntry(entry, readOutputs(entry), now()),
    close: () => Promise.resolve(),
  };
}

/** What an entry says of its outputs, before or without their being kept. */
export function describeEntry(
  { key, step, value = null, duration }: NewEntry,
  files: CacheEntry['files'],
  created: number,
): CacheEntry {
  jsonText(value, `value of ${step}`);
  return { key, files, value, output: outputDigest(files, value), step, duration, created };
}
