import type { Digest } from '../digest.ts';
import { remoteUrlInvalid } from '../errors.ts';

/** Where the artifacts of one team lie. */
export interface ArtifactAddress {
  /** Only requests to its origin carry the token. */
  readonly root: URL;
  /** For messages. */
  readonly location: string;
  /** The team, which is part of what is signed. */
  readonly scope: string;
  artifact(hash: string): URL;
  query(): URL;
}

export interface AddressOptions {
  readonly url: string;
  readonly team?: string;
  readonly slug?: string;
  /** What messages call it. Default: the address and the team. */
  readonly name?: string;
}

/** @throws {CacheError} `REMOTE_URL_INVALID` */
export function artifactAddress({ url, team, slug, name }: AddressOptions): ArtifactAddress {
  const root = URL.parse(url);
  if (root === null || !['http:', 'https:'].includes(root.protocol)) throw remoteUrlInvalid(url, 'expected https://…');
  if (root.username !== '' || root.password !== '') throw remoteUrlInvalid(root.host, 'it carries a password');
  if (root.search !== '' || root.hash !== '') throw remoteUrlInvalid(url, 'it has a query or a fragment');
  const scope = team ?? slug ?? '';
  if (/[\r\n]/.test(scope)) throw remoteUrlInvalid(url, 'the team has a line break');
  const base = `${root.origin}${root.pathname.replace(/\/+$/, '')}/v8/artifacts`;
  const at = (path: string): URL => {
    const target = new URL(`${base}${path}`);
    if (team !== undefined) target.searchParams.set('teamId', team);
    if (slug !== undefined) target.searchParams.set('slug', slug);
    return target;
  };
  return {
    root,
    location: name ?? `${root.origin}${root.pathname.replace(/\/+$/, '')}${scope === '' ? '' : ` (team ${scope})`}`,
    scope,
    artifact: (hash) => at(`/${hash}`),
    query: () => at(''),
  };
}

/** The name of an entry's artifact. */
export function hashOf(key: Digest): string {
  return key.slice('sha256:'.length);
}
