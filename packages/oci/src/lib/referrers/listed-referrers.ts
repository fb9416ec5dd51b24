import { compareBytes } from '../compare-bytes.ts';
import type { ContentReader } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import type { Digest } from '../digest.ts';
import { REF_NAME } from '../ref-name.ts';
import { readManifestOrIndex } from '../walk-content.ts';

/** A place that lists its manifests: a layout, an archive. */
interface ListedStore extends ContentReader {
  list(): Promise<readonly Descriptor[]>;
}

/**
 * The listed manifests whose `subject` has this digest. A layout has no other place for referrers; tools list them in
 * `index.json` without a tag.
 */
export async function listedReferrers(store: ListedStore, subject: Digest): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  for (const descriptor of await store.list()) {
    if ((await subjectOf(store, descriptor))?.digest === subject) found.push(descriptor);
  }
  return found.sort((a, b) => compareBytes(a.digest, b.digest));
}

/** What is listed, without the manifests that speak of another one and have no tag; the same list where there is none. */
export async function withoutReferrers(
  store: ContentReader,
  manifests: readonly Descriptor[],
): Promise<readonly Descriptor[]> {
  const kept: Descriptor[] = [];
  for (const descriptor of manifests) {
    const named = descriptor.annotations?.[REF_NAME] !== undefined;
    if (named || (await subjectOf(store, descriptor)) === undefined) kept.push(descriptor);
  }
  return kept.length === manifests.length ? manifests : kept;
}

/** What is not there any more speaks of nothing. */
async function subjectOf(store: ContentReader, descriptor: Descriptor): Promise<Descriptor | undefined> {
  if (!(await store.has(descriptor))) return undefined;
  return (await readManifestOrIndex(store, descriptor))?.subject;
}
