import { isPrivateAddress } from './private-address.ts';
import { realmRefused, redirectRefused } from './registry-errors.ts';

/** What a registry may send us to, judged from its own address. */
export interface RegistryAddress {
  /** `https://ghcr.io/` or `http://127.0.0.1:5000/` */
  readonly root: URL;
  /** Hosts whose token service may get this registry's credentials, besides the registry's own. */
  readonly tokenHosts: readonly string[];
}

/**
 * Checks where a redirect or an upload location leads: never from https to http, never to a private address unless the
 * registry has one itself. (An answer of a stranger's registry would otherwise reach services of this network.)
 *
 * @throws {OciError} `REDIRECT_REFUSED`
 */
export function trustedTarget(location: string, from: URL, { root }: RegistryAddress): URL {
  const target = URL.parse(location, from.href);
  if (target === null) throw redirectRefused(from, location, 'that is not a URL');
  if (target.protocol !== 'https:' && !(target.protocol === 'http:' && root.protocol === 'http:')) {
    throw redirectRefused(from, location, 'only https is followed');
  }
  if (isPrivateAddress(target.hostname) && !isPrivateAddress(root.hostname)) {
    throw redirectRefused(from, location, 'that is a private address');
  }
  if (target.username !== '' || target.password !== '') throw redirectRefused(from, location, 'it carries a user name');
  return target;
}

/**
 * Checks the address of a token service before anything is sent there: https, or http on the host of a registry that is
 * itself reached by http; no private address unless the registry has one.
 *
 * @throws {OciError} `REALM_REFUSED`
 */
export function trustedRealm(realm: string, { root }: RegistryAddress): URL {
  const url = URL.parse(realm);
  if (url === null) throw realmRefused(root, realm, 'that is not a URL');
  const sameHost = url.hostname === root.hostname;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && root.protocol === 'http:' && sameHost)) {
    throw realmRefused(root, realm, 'only https is used');
  }
  if (isPrivateAddress(url.hostname) && !(sameHost || isPrivateAddress(root.hostname))) {
    throw realmRefused(root, realm, 'that is a private address');
  }
  if (url.username !== '' || url.password !== '') throw realmRefused(root, realm, 'it carries a user name');
  return url;
}

/** Docker's own registry is the one whose token service is known to live elsewhere. */
const KNOWN_TOKEN_HOSTS: ReadonlyMap<string, string> = new Map([['registry-1.docker.io', 'auth.docker.io']]);

/**
 * Whether a token service may be given the registry's credentials: on the registry's own host, on a domain that the
 * registry's host is part of (registry.gitlab.com and gitlab.com), or on a host that was allowed by name.
 */
export function mayGetCredentials(realm: URL, { root, tokenHosts }: RegistryAddress): boolean {
  const host = realm.hostname;
  if (host === root.hostname || KNOWN_TOKEN_HOSTS.get(root.hostname) === host) return true;
  if (tokenHosts.includes(realm.host) || tokenHosts.includes(host)) return true;
  return host.includes('.') && root.hostname.endsWith(`.${host}`);
}
