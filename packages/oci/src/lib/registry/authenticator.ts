import { isRecord } from '../json-document.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { discardBody, readLimited } from './read-limited.ts';
import { realmRefused, registryResponseInvalid } from './registry-errors.ts';
import { registryFailure, showUrl } from './registry-failure.ts';
import { mayGetCredentials, type RegistryAddress, trustedRealm } from './trusted-url.ts';

/** What a registry takes as proof. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth 2 refresh token, as `docker login` keeps some. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A token that goes to the registry as it is. */
  | { readonly kind: 'registry-token'; readonly token: string };

/** Looks up the credentials for a registry (`ghcr.io`, `docker.io`); `undefined` means to go without. */
export type CredentialsProvider = (registry: string) => Promise<Credentials | undefined>;

/** Gives the `Authorization` header for requests to one registry. */
export interface Authenticator {
  /** What is known to work for these scopes without asking; `undefined` before the first challenge. */
  authorize(scopes: readonly string[]): Promise<string | undefined>;
  /** Answers a 401; `undefined` when there is nothing to answer with. */
  answer(response: Response, scopes: readonly string[]): Promise<string | undefined>;
}

interface AuthenticatorOptions {
  readonly registry: string;
  readonly address: RegistryAddress;
  readonly credentials: CredentialsProvider;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal | undefined;
}

const MAX_TOKEN_BODY = 64 * 1024;
const CLIENT_ID = 'mcpgen';

/**
 * Authenticates by what the registry asks for: Basic, or a Bearer token fetched from the realm it names, with credentials
 * or anonymously. Protocol: https://distribution.github.io/distribution/spec/auth/token/
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { registry, address, credentials } = options;
  const tokens = new Map<string, Promise<string>>();
  let challenge: Challenge | undefined;
  let known: Promise<Credentials | undefined> | undefined;
  const lookUp = () => {
    known ??= credentials(registry);
    return known;
  };

  async function headerFor(scopes: readonly string[]): Promise<string | undefined> {
    if (challenge === undefined) return undefined;
    const own = await lookUp();
    if (own?.kind === 'registry-token') return `Bearer ${own.token}`;
    if (challenge.scheme === 'basic') return own?.kind === 'password' ? basic(own) : undefined;
    const key = scopes.join(' ');
    const pending = tokens.get(key) ?? fetchToken(challenge, { scopes, own, address, options });
    tokens.set(key, pending);
    pending.catch(() => tokens.delete(key));
    return `Bearer ${await pending}`;
  }

  return {
    authorize: headerFor,
    async answer(response, scopes) {
      const offered = parseChallenges(response.headers.get('www-authenticate') ?? '');
      const next =
        offered.find(({ scheme }) => scheme === 'bearer') ?? offered.find(({ scheme }) => scheme === 'basic');
      if (next === undefined) return undefined;
      challenge = next;
      tokens.delete(scopes.join(' '));
      return headerFor(scopes);
    },
  };
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

interface TokenRequest {
  readonly scopes: readonly string[];
  readonly own: Credentials | undefined;
  readonly address: RegistryAddress;
  readonly options: AuthenticatorOptions;
}

async function fetchToken({ parameters }: Challenge, { scopes, own, address, options }: TokenRequest): Promise<string> {
  const realm = trustedRealm(parameters.get('realm') ?? '', address);
  if (own !== undefined && !mayGetCredentials(realm, address)) throw realmNotAllowed(realm, address);
  const service = parameters.get('service');
  const { url, init } =
    own?.kind === 'identity-token'
      ? refreshRequest(realm, { service, scopes, token: own.token })
      : passwordRequest(realm, { service, scopes, authorization: own?.kind === 'password' ? basic(own) : undefined });
  const signal = options.signal ?? null;
  const response = await options.fetch(url, { ...init, redirect: 'manual', signal });
  if (response.status !== 200) throw await registryFailure(response, init.method, url);
  return readToken(response, url);
}

function realmNotAllowed(realm: URL, { root }: RegistryAddress) {
  const hint = `If ${realm.host} is the token service of ${root.host}, allow it by name.`;
  return realmRefused(root, showUrl(realm), 'credentials for the registry are not sent to another host', hint);
}

interface TokenParameters {
  readonly service: string | undefined;
  readonly scopes: readonly string[];
}

function passwordRequest(
  realm: URL,
  { service, scopes, authorization }: TokenParameters & { readonly authorization: string | undefined },
) {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  return { url, init: { method: 'GET', headers: authorization === undefined ? {} : { authorization } } };
}

function refreshRequest(realm: URL, { service = '', scopes, token }: TokenParameters & { readonly token: string }) {
  const scope = scopes.join(' ');
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: CLIENT_ID,
    service,
    scope,
    refresh_token: token,
  });
  return { url: realm, init: { method: 'POST', body, headers: {} } };
}

async function readToken(response: Response, url: URL): Promise<string> {
  const body = await readLimited(response, MAX_TOKEN_BODY);
  if (body === undefined) throw registryResponseInvalid('GET', showUrl(url), 'its token has more than 64 KiB');
  const document = parseTokenBody(body);
  const token = document?.token ?? document?.access_token;
  // Anything else could add headers of its own to the request.
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
  await discardBody(response);
  throw registryResponseInvalid('GET', showUrl(url), 'it gave no token');
}

function parseTokenBody(body: Buffer) {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
