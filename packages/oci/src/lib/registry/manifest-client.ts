import type { OpenContent } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestBytes, isDigest } from '../digest.ts';
import { blobNotFound, tagNotFound } from '../errors.ts';
import { MAX_DOCUMENT_SIZE } from '../json-document.ts';
import { isDocumentType, MEDIA_TYPE } from '../media-type.ts';
import { collectContent, verifyContent } from '../verify-content.ts';
import { checkStoredDigest } from './blob-upload.ts';
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
  /** Whether the registry said, when it took this manifest, that it lists it as a referrer. */
  listsAsReferrer(digest: Digest): boolean;
}

const ACCEPT = [MEDIA_TYPE.index, MEDIA_TYPE.manifest, MEDIA_TYPE.dockerIndex, MEDIA_TYPE.dockerManifest].join(', ');

/** The calls of the distribution specification that concern manifests. */
export function createManifestClient(client: RegistryClient): ManifestClient {
  /** What was written or read here, so that tagging it needs no download. */
  const known = new Map<Digest, Buffer>();
  const listed = new Set<Digest>();
  const readKnown = async (descriptor: Descriptor): Promise<Buffer> => {
    const bytes = await readBytes(client, descriptor);
    known.set(descriptor.digest, bytes);
    return bytes;
  };
  return {
    has: async ({ digest }) => (await head(client, digest)).status === 200,
    async *read(descriptor) {
      yield await readKnown(descriptor);
    },
    async write(descriptor, open) {
      const what = `"${descriptor.digest}" for ${client.location}`;
      const bytes = await collectContent(verifyContent(open(), descriptor, what));
      const response = await put(client, descriptor, { name: descriptor.digest, bytes });
      if (response.headers.has('oci-subject')) listed.add(descriptor.digest);
      known.set(descriptor.digest, bytes);
    },
    async resolve(reference) {
      const response = await head(client, reference);
      if (response.status === 404) throw tagNotFound(client.location, reference);
      return describe(response, reference) ?? fetchAndDescribe(client, reference);
    },
    async tag(descriptor, tag) {
      await put(client, descriptor, {
        name: tag,
        bytes: known.get(descriptor.digest) ?? (await readKnown(descriptor)),
      });
    },
    listsAsReferrer: (digest) => listed.has(digest),
  };
}

/** A tag may hold nothing that means something in a URL: `parseReference` and digests see to that, and this does. */
function manifestUrl({ api }: RegistryClient, name: string): URL {
  return new URL(`manifests/${encodeURIComponent(name).replaceAll('%3A', ':')}`, api);
}

async function head(client: RegistryClient, name: string): Promise<Response> {
  const url = manifestUrl(client, name);
  const headers = { accept: ACCEPT };
  const response = await client.send({ method: 'HEAD', url, headers, scopes: client.scopes.read, accept: [200, 404] });
  await discardBody(response);
  return response;
}

async function readBytes(client: RegistryClient, descriptor: Descriptor): Promise<Buffer> {
  const url = manifestUrl(client, descriptor.digest);
  const headers = { accept: descriptor.mediaType };
  const response = await client.send({ method: 'GET', url, headers, scopes: client.scopes.read, accept: [200, 404] });
  if (response.status === 404) {
    await discardBody(response);
    throw blobNotFound(client.location, descriptor.digest);
  }
  const what = `"${descriptor.digest}" from ${client.location}`;
  return collectContent(verifyContent(response.body ?? [], descriptor, what));
}

async function put(
  client: RegistryClient,
  descriptor: Descriptor,
  { name, bytes }: { readonly name: string; readonly bytes: Buffer },
): Promise<Response> {
  const url = manifestUrl(client, name);
  const body = { open: () => [bytes], size: bytes.length };
  const headers = { 'content-type': descriptor.mediaType };
  const response = await client.send({ method: 'PUT', url, headers, body, scopes: client.scopes.write, accept: [201] });
  await discardBody(response);
  checkStoredDigest(response, descriptor, url);
  return response;
}

/** For registries whose HEAD does not tell all. */
async function fetchAndDescribe(client: RegistryClient, reference: string): Promise<Descriptor> {
  const url = manifestUrl(client, reference);
  const headers = { accept: ACCEPT };
  const response = await client.send({ method: 'GET', url, headers, scopes: client.scopes.read, accept: [200] });
  const mediaType = mediaTypeOf(response);
  const bytes = await readLimited(response, MAX_DOCUMENT_SIZE);
  if (bytes === undefined) throw registryResponseInvalid('GET', showUrl(url), 'the manifest has more than 4 MiB');
  if (!isDocumentType(mediaType)) throw registryResponseInvalid('GET', showUrl(url), 'that is no manifest');
  // A digest that was asked for stands: reading by it will tell when this content is another.
  return { mediaType, digest: isDigest(reference) ? reference : digestBytes(bytes), size: bytes.length };
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
