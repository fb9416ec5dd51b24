import type { ImageStore, ReferrerStore, Repository } from '../content-store.ts';
import { isDocumentType } from '../media-type.ts';
import { parseReference, type Reference } from '../reference.ts';
import { type CredentialsProvider, createAuthenticator } from './authenticator.ts';
import { createBlobClient } from './blob-client.ts';
import { createManifestClient } from './manifest-client.ts';
import { isLoopback } from './private-address.ts';
import { createReferrerClient } from './referrer-client.ts';
import { type RetryEvent, type RetryPolicy, retrying } from './retry.ts';
import { createTransport, type RegistryRequest, type RequestEvent } from './transport.ts';

/** What a registry store tells while it works. */
export type RegistryEvent = RequestEvent | RetryEvent;

/** How to reach a registry. */
export interface RegistryOptions {
  /** @default globalThis.fetch */
  readonly fetch?: typeof fetch;
  /** @default none: anonymous access. See `dockerCredentials`. */
  readonly credentials?: CredentialsProvider;
  /** Plain HTTP. @default true for registries on this machine, as Docker does */
  readonly insecure?: boolean;
  /** Hosts of token services that may get this registry's credentials, besides its own host and the domains above it. */
  readonly tokenHosts?: readonly string[];
  /** The rights to ask for at once: `push` saves a round trip where something will be written. @default 'pull' */
  readonly access?: 'pull' | 'push';
  readonly retry?: RetryPolicy;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RegistryEvent) => void;
}

/** One repository of a registry, as a store for images. */
export interface RegistryStore extends ImageStore, ReferrerStore {
  readonly reference: Reference;
  /** Checks that the registry answers and speaks the protocol. */
  ping(): Promise<void>;
  origin(descriptor: unknown): Promise<Repository>;
}

/**
 * Opens a repository by reference (`ghcr.io/owner/name:1`); its tag or digest only matters to the caller. No request is
 * sent before the first use. Protocol: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 *
 * @throws {OciError} `REFERENCE_INVALID`
 */
export function openRegistry(reference: string | Reference, options: RegistryOptions = {}): RegistryStore {
  const parsed = typeof reference === 'string' ? parseReference(reference) : reference;
  const { registry, repository } = parsed;
  const root = rootOf(registry, options.insecure);
  const location = `registry "${registry}/${repository}"`;
  const {
    fetch = globalThis.fetch,
    credentials = async () => undefined,
    access = 'pull',
    retry = {},
    signal,
    onEvent,
    tokenHosts = [],
  } = options;
  const address = { root, tokenHosts };
  const authenticator = createAuthenticator({ registry, address, credentials, fetch, signal });
  const send = createTransport({ fetch, address, authenticator, signal, onEvent });
  const retryContext = { policy: retry, signal, onEvent };
  const repeat = <T>(action: () => Promise<T>) => retrying(action, retryContext);
  const scopes = {
    read: [`repository:${repository}:${access === 'push' ? 'pull,push' : 'pull'}`],
    write: [`repository:${repository}:pull,push`],
  };
  const api = new URL(`v2/${repository}/`, root);
  const client = {
    send: (request: RegistryRequest) => repeat(() => send(request)),
    sendOnce: send,
    repeat,
    api,
    address,
    scopes,
    location,
  };
  const blobs = createBlobClient(client);
  const manifests = createManifestClient(client);
  const referrers = createReferrerClient(client, manifests);

  return {
    reference: parsed,
    location,
    rejectsIncomplete: true,
    has: (descriptor) => (isDocumentType(descriptor.mediaType) ? manifests.has(descriptor) : blobs.has(descriptor)),
    read: (descriptor) => (isDocumentType(descriptor.mediaType) ? manifests.read(descriptor) : blobs.read(descriptor)),
    write: (descriptor, open) =>
      isDocumentType(descriptor.mediaType) ? manifests.write(descriptor, open) : blobs.write(descriptor, open),
    mount: async (descriptor, from) =>
      from.registry === registry &&
      from.repository !== repository &&
      !isDocumentType(descriptor.mediaType) &&
      blobs.mount(descriptor, from.repository),
    origin: async () => ({ registry, repository }),
    resolve: manifests.resolve,
    tag: manifests.tag,
    referrers: referrers.list,
    attach: referrers.attach,
    async ping() {
      await client.send({ method: 'GET', url: new URL('v2/', root), scopes: [], accept: [200] });
    },
  };
}

function rootOf(registry: string, insecure: boolean | undefined): URL {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const plain = insecure ?? isLoopback(new URL(`http://${host}`).hostname);
  return new URL(`${plain ? 'http' : 'https'}://${host}/`);
}
