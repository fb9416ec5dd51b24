import type { OpenContent } from '../content-store.ts';
import { streamSource } from '../contents/byte-source.ts';
import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../errors.ts';
import { verifyContent } from '../verify-content.ts';
import { discardBody } from './read-limited.ts';
import type { RegistryClient } from './registry-client.ts';
import { digestDiffers, registryResponseInvalid } from './registry-errors.ts';
import { showUrl } from './registry-failure.ts';
import { trustedTarget } from './trusted-url.ts';

/** Bytes of a piece where a blob does not go in one request: held in memory, so that a login in between can repeat it. */
const PIECE = 16 * 1024 * 1024;

/** Bytes from which one more request is worth that a cut upload can go on: registries keep what PATCH brought, not PUT. */
const WORTH_RESUMING = 4 * 1024 * 1024;

/** Beginning an upload, which a refused mount does as well. */
export async function beginUpload(client: RegistryClient): Promise<URL> {
  const url = new URL('blobs/uploads/', client.api);
  const headers = { 'content-length': '0' };
  const response = await client.sendOnce({ method: 'POST', url, headers, scopes: client.scopes.write, accept: [202] });
  await discardBody(response);
  return uploadPlace(client, response, url);
}

/** Where the registry says that an upload goes on. */
export function uploadPlace({ address }: RegistryClient, response: Response, url: URL): URL {
  const place = response.headers.get('location');
  if (place === null) throw registryResponseInvalid('POST', showUrl(url), 'it named no place to upload to');
  return trustedTarget(place, url, address);
}

/**
 * Uploads a blob: a small one in one request; a larger one as a stream that goes on after a cut connection, from where the
 * registry says that it ended; and in pieces where a proxy takes none as large (413). https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
 */
export async function uploadBlob(
  client: RegistryClient,
  descriptor: Descriptor,
  { begun, open }: { readonly begun: URL | undefined; readonly open: OpenContent },
): Promise<void> {
  let place = begun;
  let inPieces = false;
  await client.repeat(async () => {
    const resumed = place !== undefined && place !== begun ? await askOffset(client, place) : undefined;
    const from = resumed ?? { place: begun ?? (await beginUpload(client)), offset: 0 };
    begun = undefined;
    place = descriptor.size >= WORTH_RESUMING ? new URL(from.place) : undefined;
    if (from.offset === 0 && !inPieces) {
      const send = descriptor.size < WORTH_RESUMING ? putWhole : streamWhole;
      if ((await send(client, descriptor, { place: from.place, open })) === 'done') return;
      inPieces = true;
      from.place = await beginUpload(client);
    }
    await sendPieces(client, descriptor, { ...from, open });
  });
}

interface Upload {
  readonly place: URL;
  readonly open: OpenContent;
}

async function putWhole(client: RegistryClient, descriptor: Descriptor, { place, open }: Upload): Promise<'done'> {
  const url = withDigest(place, descriptor);
  const what = `"${descriptor.digest}" for ${client.location}`;
  const body = { open: () => verifyContent(open(), descriptor, what), size: descriptor.size };
  const headers = { 'content-type': 'application/octet-stream' };
  const request = { method: 'PUT', url, headers, body, scopes: client.scopes.write, accept: [201] } as const;
  const response = await client.sendOnce(request);
  await discardBody(response);
  checkStoredDigest(response, descriptor, url);
  return 'done';
}

/** As Docker does: all of it by PATCH, then PUT to say what it was. */
async function streamWhole(
  client: RegistryClient,
  descriptor: Descriptor,
  { place, open }: Upload,
): Promise<'done' | 'too large'> {
  const what = `"${descriptor.digest}" for ${client.location}`;
  const body = { open: () => verifyContent(open(), descriptor, what), size: descriptor.size };
  const headers = { 'content-type': 'application/octet-stream' };
  const accept = [202, 413];
  const request = { method: 'PATCH', url: place, headers, body, scopes: client.scopes.write, accept } as const;
  const response = await client.sendOnce(request);
  await discardBody(response);
  if (response.status === 413) return 'too large';
  await finishUpload(client, descriptor, uploadPlace(client, response, place));
  return 'done';
}

async function sendPieces(
  client: RegistryClient,
  descriptor: Descriptor,
  { place, open, offset }: Upload & { readonly offset: number },
): Promise<void> {
  const { scopes, sendOnce, location } = client;
  await using source = streamSource(verifyContent(open(), descriptor, `"${descriptor.digest}" for ${location}`));
  await source.skip(offset);
  let next = place;
  while (source.position < descriptor.size) {
    const start = source.position;
    const bytes = await source.take(Math.min(PIECE, descriptor.size - start));
    // What the content itself has to say, such as that it ended too early, comes with the end of it.
    if (source.position === descriptor.size || bytes.length === 0) await source.skip(1);
    const headers = {
      'content-type': 'application/octet-stream',
      'content-range': `${start}-${start + bytes.length - 1}`,
    };
    const body = { open: () => [bytes], size: bytes.length };
    const response = await sendOnce({ method: 'PATCH', url: next, headers, body, scopes: scopes.write, accept: [202] });
    await discardBody(response);
    next = uploadPlace(client, response, next);
  }
  await finishUpload(client, descriptor, next);
}

async function finishUpload({ sendOnce, scopes }: RegistryClient, descriptor: Descriptor, place: URL): Promise<void> {
  const url = withDigest(place, descriptor);
  const headers = { 'content-length': '0' };
  const response = await sendOnce({ method: 'PUT', url, headers, scopes: scopes.write, accept: [201] });
  await discardBody(response);
  checkStoredDigest(response, descriptor, url);
}

/** How much of an upload has come; `undefined` where the registry does not know it any more, or nothing has. */
async function askOffset(
  client: RegistryClient,
  place: URL,
): Promise<{ place: URL; readonly offset: number } | undefined> {
  try {
    const request = { method: 'GET', url: place, scopes: client.scopes.write, accept: [204] } as const;
    const response = await client.sendOnce(request);
    await discardBody(response);
    const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers.get('range') ?? '')?.[1];
    // Registries say "0-0" of an upload that has nothing yet.
    if (last === undefined || last === '0') return undefined;
    return {
      place: response.headers.has('location') ? uploadPlace(client, response, place) : place,
      offset: Number(last) + 1,
    };
  } catch (error) {
    if (error instanceof OciError && error.code === 'REGISTRY_REFUSED') return undefined;
    throw error;
  }
}

function withDigest(place: URL, { digest }: Descriptor): URL {
  const url = new URL(place);
  url.searchParams.set('digest', digest);
  return url;
}

/** A registry that stored something else than what was sent says so here. */
export function checkStoredDigest(response: Response, { digest }: Descriptor, url: URL): void {
  const stored = response.headers.get('docker-content-digest');
  if (stored !== null && stored !== digest) throw digestDiffers(showUrl(url), digest, stored);
}
