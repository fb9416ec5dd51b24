import type { Content, OpenContent } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import { blobNotFound, OciError } from '../errors.ts';
import { verifyContent } from '../verify-content.ts';
import { uploadBlob, uploadPlace } from './blob-upload.ts';
import { discardBody } from './read-limited.ts';
import type { RegistryClient } from './registry-client.ts';
import { unreachable } from './transport.ts';

/** Blobs of one repository. */
export interface BlobClient {
  has(descriptor: Descriptor): Promise<boolean>;
  read(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  write(descriptor: Descriptor, open: OpenContent): Promise<void>;
  /** Takes a blob over from another repository of the same registry. */
  mount(descriptor: Descriptor, from: string): Promise<boolean>;
}

/** Downloads in a row that are cut before their first byte. */
const MAX_VAIN_TRIES = 3;

/** The calls of the distribution specification that concern blobs. */
export function createBlobClient(client: RegistryClient): BlobClient {
  /** Uploads that a refused mount has begun: the specification lets the blob be sent there. */
  const begun = new Map<string, URL>();
  return {
    async has(descriptor) {
      const url = blobUrl(client, descriptor);
      const response = await client.send({ method: 'HEAD', url, scopes: client.scopes.read, accept: [200, 404] });
      await discardBody(response);
      return response.status === 200;
    },
    read: (descriptor) =>
      verifyContent(download(client, descriptor), descriptor, `"${descriptor.digest}" from ${client.location}`),
    async write(descriptor, open) {
      const place = begun.get(descriptor.digest);
      begun.delete(descriptor.digest);
      await uploadBlob(client, descriptor, { begun: place, open });
    },
    async mount(descriptor, from) {
      const place = await tryMount(client, descriptor, from);
      if (place instanceof URL) begun.set(descriptor.digest, place);
      return place === 'mounted';
    },
  };
}

function blobUrl({ api }: RegistryClient, { digest }: Descriptor): URL {
  return new URL(`blobs/${digest}`, api);
}

/** Where to send the blob when the registry does not mount it, if it says so; `refused` when it knows no mounts. */
async function tryMount(
  client: RegistryClient,
  { digest }: Descriptor,
  from: string,
): Promise<'mounted' | 'refused' | URL> {
  const url = new URL('blobs/uploads/', client.api);
  url.searchParams.set('mount', digest);
  url.searchParams.set('from', from);
  const scopes = [...client.scopes.write, `repository:${from}:pull`];
  try {
    const response = await client.send({ method: 'POST', url, scopes, accept: [201, 202] });
    await discardBody(response);
    return response.status === 201 ? 'mounted' : uploadPlace(client, response, url);
  } catch (error) {
    // No right to read there, or no such thing as mounting: the blob is sent instead.
    if (error instanceof OciError && (error.code === 'REGISTRY_DENIED' || error.code === 'REGISTRY_REFUSED'))
      return 'refused';
    throw error;
  }
}

/** A download that goes on where the connection was cut, while the tries bring something. */
async function* download(client: RegistryClient, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
  let received = 0;
  for (let vain = 0; ; ) {
    const before = received;
    const content = await beginDownload(client, descriptor, received);
    try {
      for await (const chunk of content) {
        received += chunk.length;
        yield chunk;
      }
      return;
    } catch (cause) {
      vain = received > before ? 0 : vain + 1;
      if (vain === MAX_VAIN_TRIES) throw unreachable('GET', blobUrl(client, descriptor), cause);
    }
  }
}

async function beginDownload(client: RegistryClient, descriptor: Descriptor, from: number): Promise<Content> {
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  const url = blobUrl(client, descriptor);
  const response = await client.send({
    method: 'GET',
    url,
    headers,
    scopes: client.scopes.read,
    accept: [200, 206, 404],
  });
  if (response.status === 404) {
    await discardBody(response);
    throw blobNotFound(client.location, descriptor.digest);
  }
  const body = response.body ?? [];
  return response.status === 200 && from > 0 ? skip(body, from) : body;
}

/** What comes after the first `count` bytes. */
async function* skip(content: Content, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of content) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
