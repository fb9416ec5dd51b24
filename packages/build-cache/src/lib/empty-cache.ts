import type { BuildCache, CacheEntry, NewEntry } from './cache.ts';
import { digestOf } from './digest.ts';
import { jsonText } from './json-text.ts';
import { outputDigest } from './output-digest.ts';
import { readOutputs } from './read-outputs.ts';
import type { StoredOutputs } from './stored-outputs.ts';

/** A cache that never hits and keeps nothing, but still says what a step gave: what `--no-cache` passes. */
export function emptyCache({ now }: { now: () => number }): BuildCache {
  return {
    lookup: () => Promise.resolve(undefined),
    store: async (entry) => describeEntry(entry, readOutputs(entry), now()),
    close: () => Promise.resolve(),
  };
}

/**
 * What an entry says of its outputs, before or without their being kept.
 *
 * @param same what is known of an entry of the same files.
 */
export function describeEntry(
  { key, step, value = null, duration, producer }: NewEntry,
  files: CacheEntry['files'],
  created: number,
  same?: Pick<StoredOutputs, 'output' | 'value'>,
): CacheEntry {
  const text = jsonText(value, `value of ${step}`);
  const output = same?.value === digestOf(text) ? same.output : outputDigest(files, value);
  return { key, files, value, output, step, duration, created, ...(producer === undefined ? {} : { producer }) };
}
