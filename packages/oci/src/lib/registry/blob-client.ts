import type { OpenContent } from '../content-store.ts';
import type { Descriptor } from '../descriptor.ts';
import { blobNotFound, OciError } from '../errors.ts';
import { verifyContent } from '../verify-content.ts';
import { discardBody } from './read-limited.ts';
import type { RegistryClient } from './registry-client.ts';
import { digestDiffers, registryResponseInvalid } from './registry-errors.ts';
import { showUrl } from './registry-failure.ts';
import { unreachable } from './transport.ts';
import { trustedTarget } from './trusted-url.ts';

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
  const { send, sendOnce, repeat, api, address, scopes, location } = client;
  const blobUrl = ({ digest }: Descriptor) => new URL(`blobs/${digest}`, api);
  /** Uploads that a refused mount has begun: the specification lets the blob be sent there. */
  const begun = new Map<string, URL>();

  return {
    async has(descriptor) {
      const response = await send({
        method: 'HEAD',
        url: blobUrl(descriptor),
        scopes: scopes.read,
        accept: [200, 404],
      });
      await discardBody(response);
      return response.status === 200;
    },
    read: (descriptor) => verifyContent(resumed(descriptor), descriptor, `"${descriptor.digest}" from ${location}`),
    async write(descriptor, open) {
      const what = `"${descriptor.digest}" for ${location}`;
      await repeat(async () => {
        const upload = begun.get(descriptor.digest) ?? (await beginUpload());
        begun.delete(descriptor.digest);
        const url = new URL(upload);
        url.searchParams.set('digest', descriptor.digest);
        const body = { open: () => verifyContent(open(), descriptor, what), size: descriptor.size };
        const headers = { 'content-type': 'application/octet-stream' };
        const response = await sendOnce({ method: 'PUT', url, headers, body, scopes: scopes.write, accept: [201] });
        await discardBody(response);
        checkStoredDigest(response, descriptor, url);
      });
    },
    async mount(descriptor, from) {
      const url = new URL('blobs/uploads/', api);
      url.searchParams.set('mount', descriptor.digest);
      url.searchParams.set('from', from);
      const mountScopes = [...scopes.write, `repository:${from}:pull`];
      try {
        const response = await send({ method: 'POST', url, scopes: mountScopes, accept: [201, 202] });
        await discardBody(response);
        if (response.status === 202) begun.set(descriptor.digest, uploadLocation(response, url));
        return response.status === 201;
      } catch (error) {
        // No right to read there, or no such thing as mounting: the blob is sent instead.
        if (error instanceof OciError && (error.code === 'REGISTRY_DENIED' || error.code === 'REGISTRY_REFUSED'))
          return false;
        throw error;
      }
    },
  };

  async function beginUpload(): Promise<URL> {
    const url = new URL('blobs/uploads/', api);
    const response = await sendOnce({
      method: 'POST',
      url,
      headers: { 'content-length': '0' },
      scopes: scopes.write,
      accept: [202],
    });
    await discardBody(response);
    return uploadLocation(response, url);
  }

  function uploadLocation(response: Response, url: URL): URL {
    const place = response.headers.get('location');
    if (place === null) throw registryResponseInvalid('POST', showUrl(url), 'it named no place to upload to');
    return trustedTarget(place, url, address);
  }

  /** A download that goes on where the connection was cut, while the tries bring something. */
  async function* resumed(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    const url = blobUrl(descriptor);
    let received = 0;
    for (let vain = 0; ; ) {
      const before = received;
      const content = await begin(descriptor, url, received);
      try {
        for await (const chunk of content) {
          received += chunk.length;
          yield chunk;
        }
        return;
      } catch (cause) {
        vain = received > before ? 0 : vain + 1;
        if (vain === MAX_VAIN_TRIES) throw unreachable('GET', url, cause);
      }
    }
  }

  async function begin(descriptor: Descriptor, url: URL, from: number): Promise<AsyncIterable<Uint8Array>> {
    const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
    const response = await send({ method: 'GET', url, headers, scopes: scopes.read, accept: [200, 206, 404] });
    if (response.status === 404) {
      await discardBody(response);
      throw blobNotFound(location, descriptor.digest);
    }
    const body = response.body ?? new Blob([]).stream();
    return response.status === 200 && from > 0 ? skip(body, from) : body;
  }
}

/** What comes after the first `count` bytes. */
async function* skip(content: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of content) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** A registry that stored something else than what was sent says so here. */
export function checkStoredDigest(response: Response, { digest }: Descriptor, url: URL): void {
  const stored = response.headers.get('docker-content-digest');
  if (stored !== null && stored !== digest) throw digestDiffers(showUrl(url), digest, stored);
}
