import type { OpenContent } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestBytes, isDigest } from '../digest.ts';
import { blobNotFound, tagNotFound } from '../errors.ts';
import { MAX_DOCUMENT_SIZE } from '../json-document.ts';
import { isDocumentType, MEDIA_TYPE } from '../media-type.ts';
import { collectContent, verifyContent } from '../verify-content.ts';
import { checkStoredDigest } from './blob-client.ts';
import { discardBody, readLimited } from './read-limited.ts';
import type { RegistryClient } from './registry-client.ts';
import { registryResponseInvalid } from './registry-errors.ts';
import { showUrl } from './registry-failure.ts';

/** Manifests and indexes of one repository. */
export interface ManifestClient {
  has(descriptor: Descriptor): Promise<boolean>;
  read(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  write(descriptor: Descriptor, open: OpenContent): Promise<void>;
  resolve(reference: string): Promise<Descriptor>;
  tag(descriptor: Descriptor, tag: string): Promise<void>;
}

const ACCEPT = [MEDIA_TYPE.index, MEDIA_TYPE.manifest, MEDIA_TYPE.dockerIndex, MEDIA_TYPE.dockerManifest].join(', ');

/** The calls of the distribution specification that concern manifests. */
export function createManifestClient({ send, api, scopes, location }: RegistryClient): ManifestClient {
  const manifestUrl = (reference: string) => new URL(`manifests/${reference}`, api);
  /** What was written or read here, so that tagging it needs no download. */
  const known = new Map<Digest, Buffer>();

  return {
    async has(descriptor) {
      const url = manifestUrl(descriptor.digest);
      const response = await send({
        method: 'HEAD',
        url,
        headers: { accept: ACCEPT },
        scopes: scopes.read,
        accept: [200, 404],
      });
      await discardBody(response);
      return response.status === 200;
    },
    async *read(descriptor) {
      yield await readBytes(descriptor);
    },
    async write(descriptor, open) {
      const what = `"${descriptor.digest}" for ${location}`;
      const bytes = await collectContent(verifyContent(open(), descriptor, what));
      await put(descriptor, descriptor.digest, bytes);
      known.set(descriptor.digest, bytes);
    },
    async resolve(reference) {
      const url = manifestUrl(reference);
      const response = await send({
        method: 'HEAD',
        url,
        headers: { accept: ACCEPT },
        scopes: scopes.read,
        accept: [200, 404],
      });
      await discardBody(response);
      if (response.status === 404) throw tagNotFound(location, reference);
      return describe(response, reference) ?? fetchAndDescribe(reference, url);
    },
    async tag(descriptor, tag) {
      await put(descriptor, tag, known.get(descriptor.digest) ?? (await readBytes(descriptor)));
    },
  };

  async function readBytes(descriptor: Descriptor): Promise<Buffer> {
    const url = manifestUrl(descriptor.digest);
    const response = await send({
      method: 'GET',
      url,
      headers: { accept: descriptor.mediaType },
      scopes: scopes.read,
      accept: [200, 404],
    });
    if (response.status === 404) {
      await discardBody(response);
      throw blobNotFound(location, descriptor.digest);
    }
    const content = verifyContent(response.body ?? [], descriptor, `"${descriptor.digest}" from ${location}`);
    const bytes = await collectContent(content);
    known.set(descriptor.digest, bytes);
    return bytes;
  }

  async function put(descriptor: Descriptor, reference: string, bytes: Buffer): Promise<void> {
    const url = manifestUrl(reference);
    const body = { open: () => [bytes], size: bytes.length };
    const headers = { 'content-type': descriptor.mediaType };
    const response = await send({ method: 'PUT', url, headers, body, scopes: scopes.write, accept: [201] });
    await discardBody(response);
    checkStoredDigest(response, descriptor, url);
  }

  /** For registries whose HEAD does not tell all. */
  async function fetchAndDescribe(reference: string, url: URL): Promise<Descriptor> {
    const response = await send({
      method: 'GET',
      url,
      headers: { accept: ACCEPT },
      scopes: scopes.read,
      accept: [200],
    });
    const mediaType = mediaTypeOf(response);
    const bytes = await readLimited(response, MAX_DOCUMENT_SIZE);
    if (bytes === undefined) throw registryResponseInvalid('GET', showUrl(url), 'the manifest has more than 4 MiB');
    if (!isDocumentType(mediaType)) {
      throw registryResponseInvalid('GET', showUrl(url), 'that is no manifest');
    }
    const descriptor = { mediaType, digest: digestBytes(bytes), size: bytes.length };
    if (isDigest(reference)) return { ...descriptor, digest: reference };
    return descriptor;
  }
}

/** The descriptor that the headers tell of; a digest that was asked for stands above what the registry says. */
function describe(response: Response, reference: string): Descriptor | undefined {
  const said = response.headers.get('docker-content-digest');
  const digest = isDigest(reference) ? reference : said;
  const length = response.headers.get('content-length') ?? '';
  const mediaType = mediaTypeOf(response);
  if (!isDigest(digest) || !/^\d{1,9}$/.test(length) || !isDocumentType(mediaType)) return undefined;
  return { mediaType, digest, size: Number(length) };
}

function mediaTypeOf(response: Response): string {
  return (response.headers.get('content-type') ?? '').replace(/;.*$/s, '').trim();
}
