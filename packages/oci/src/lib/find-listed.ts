import type { Descriptor } from './descriptor.ts';
import { tagNotFound } from './errors.ts';
import { REF_NAME } from './ref-name.ts';

/**
 * What the `index.json` of a layout lists under a tag or a digest.
 *
 * @throws {OciError} `TAG_NOT_FOUND`, with the tags that there are.
 */
export function findListed(manifests: readonly Descriptor[], reference: string, location: string): Descriptor {
  const found = manifests.find(
    ({ annotations, digest }) => annotations?.[REF_NAME] === reference || digest === reference,
  );
  if (found !== undefined) return found;
  throw tagNotFound(
    location,
    reference,
    manifests.flatMap(({ annotations }) => annotations?.[REF_NAME] ?? []),
  );
}
