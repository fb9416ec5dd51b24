import { compareBytes } from '../compare-bytes.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestBytes, digestHex } from '../digest.ts';
import { OciError } from '../errors.ts';
import { encodeJson, MAX_DOCUMENT_SIZE } from '../json-document.ts';
import { parseIndex } from '../manifest.ts';
import { MEDIA_TYPE } from '../media-type.ts';
import { addDescriptor } from '../referrers/add-descriptor.ts';
import { collectContent } from '../verify-content.ts';
import type { ManifestClient } from './manifest-client.ts';
import { discardBody, readLimited } from './read-limited.ts';
import type { RegistryClient } from './registry-client.ts';
import { registryResponseInvalid } from './registry-errors.ts';
import { showUrl } from './registry-failure.ts';
import { trustedTarget } from './trusted-url.ts';

/** What speaks of the manifests of one repository. */
export interface ReferrerClient {
  list(subject: Digest): Promise<readonly Descriptor[]>;
  attach(referrer: Descriptor, subject: Descriptor): Promise<void>;
}

/** Pages of a list that are read at most. */
const MAX_PAGES = 100;

/**
 * The calls of the distribution specification that concern referrers, and the tag that stands for them where a registry
 * has no such calls: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
export function createReferrerClient(client: RegistryClient, manifests: ManifestClient): ReferrerClient {
  return {
    list: async (subject) => (await listByCall(client, subject)) ?? listByTag(manifests, subject),
    async attach(referrer, subject) {
      if (manifests.listsAsReferrer(referrer.digest)) return;
      const known = await listByCall(client, subject.digest);
      // A registry with these calls lists it by its subject, even where it did not say so.
      if (known !== undefined) return;
      const list = addDescriptor(await listByTag(manifests, subject.digest), referrer);
      const bytes = encodeJson({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: list });
      const index = { mediaType: MEDIA_TYPE.index, digest: digestBytes(bytes), size: bytes.length };
      await manifests.write(index, () => [bytes]);
      await manifests.tag(index, fallbackTag(subject.digest));
    },
  };
}

/** `sha256-<64 digits>` */
function fallbackTag(digest: Digest): string {
  return `sha256-${digestHex(digest)}`;
}

/** `undefined` where the registry has no such call. */
async function listByCall(client: RegistryClient, subject: Digest): Promise<readonly Descriptor[] | undefined> {
  const found: Descriptor[] = [];
  let url: URL | undefined = new URL(`referrers/${subject}`, client.api);
  for (let page = 0; url !== undefined && page < MAX_PAGES; page++) {
    const headers = { accept: MEDIA_TYPE.index };
    const accept = [200, 400, 404, 405];
    const response: Response = await client.send({ method: 'GET', url, headers, scopes: client.scopes.read, accept });
    const isIndex = (response.headers.get('content-type') ?? '').startsWith(MEDIA_TYPE.index);
    if (response.status !== 200 || !isIndex) {
      await discardBody(response);
      return page === 0 ? undefined : found;
    }
    const bytes = await readLimited(response, MAX_DOCUMENT_SIZE);
    if (bytes === undefined) throw registryResponseInvalid('GET', showUrl(url), 'the list has more than 4 MiB');
    found.push(...parseIndex(bytes, MEDIA_TYPE.index, `the referrers of "${subject}"`).manifests);
    url = nextPage(response, url, client);
  }
  return sorted(found);
}

/** RFC 8288: `</v2/…?next=…>; rel="next"` */
function nextPage(response: Response, url: URL, { address }: RegistryClient): URL | undefined {
  const next = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(response.headers.get('link') ?? '')?.[1];
  return next === undefined ? undefined : trustedTarget(next, url, address);
}

async function listByTag(manifests: ManifestClient, subject: Digest): Promise<readonly Descriptor[]> {
  try {
    const descriptor = await manifests.resolve(fallbackTag(subject));
    const bytes = await collectContent(manifests.read(descriptor));
    return sorted(parseIndex(bytes, descriptor.mediaType, `the referrers of "${subject}"`).manifests);
  } catch (error) {
    if (error instanceof OciError && error.code === 'TAG_NOT_FOUND') return [];
    throw error;
  }
}

function sorted(list: readonly Descriptor[]): readonly Descriptor[] {
  return [...list].sort((a, b) => compareBytes(a.digest, b.digest));
}
