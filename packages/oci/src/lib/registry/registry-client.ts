import type { SendRequest } from './transport.ts';
import type { RegistryAddress } from './trusted-url.ts';

/** What the calls about blobs and manifests of one repository share. */
export interface RegistryClient {
  /** Sends a request, repeated while the registry is unavailable. */
  readonly send: SendRequest;
  /** Sends a request that cannot be repeated by itself. */
  readonly sendOnce: SendRequest;
  /** Repeats something made of several requests. */
  readonly repeat: <T>(action: () => Promise<T>) => Promise<T>;
  /** `https://ghcr.io/v2/owner/name/` */
  readonly api: URL;
  readonly address: RegistryAddress;
  readonly scopes: { readonly read: readonly string[]; readonly write: readonly string[] };
  /** For messages. */
  readonly location: string;
}
