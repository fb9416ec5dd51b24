import { METADATA_PATH } from '../protocol/protocol.ts';
import type { Caller } from './define.ts';

/** The headers of a request, their names in lower case. No type of Node's: a project may be checked without those. */
export interface RequestHeaders {
  readonly authorization?: string | undefined;
  readonly [name: string]: string | readonly string[] | undefined;
}

/** Says who sends a request, from its headers. `undefined` or a rejection is answered with 401. */
export type Authenticate = (request: {
  readonly headers: RequestHeaders;
}) => Caller | undefined | Promise<Caller | undefined>;

/** Who may call over HTTP. Over stdio nobody is asked: there the caller is whoever started the server. */
export interface Auth {
  /**
   * Says who calls, from verified credentials. A token must be meant for this server: check its audience against
   * `resource`, besides signature, issuer and expiry.
   */
  readonly authenticate: Authenticate;
  /** The endpoint's URL as clients know it, which their tokens are for: `resource` of RFC 9728 and RFC 8707. */
  readonly resource?: string | undefined;
  /**
   * Issuer URLs of the servers that give such tokens. With them and `resource` a client that is refused is told where
   * to sign in, by the document of RFC 9728 below `/.well-known/oauth-protected-resource`.
   */
  readonly authorizationServers?: readonly string[] | undefined;
  /** The scopes that a client should ask for. */
  readonly scopes?: readonly string[] | undefined;
}

/** Types who may call: the default export of the file that `server.auth` of the configuration names. */
export function defineAuth(auth: Auth): Auth {
  return auth;
}

/** The value of `WWW-Authenticate` in a 401 (RFC 6750 section 3, RFC 9728 section 5.1). */
export function challengeOf(auth: Auth): string {
  const parameters = [];
  if (protectedResource(auth) !== undefined && auth.resource !== undefined) {
    const { origin, pathname } = new URL(auth.resource);
    parameters.push(`resource_metadata="${origin}${METADATA_PATH}${pathname === '/' ? '' : pathname}"`);
  }
  if (auth.scopes !== undefined && auth.scopes.length > 0) parameters.push(`scope="${auth.scopes.join(' ')}"`);
  return parameters.length === 0 ? 'Bearer' : `Bearer ${parameters.join(', ')}`;
}

/** The JSON of RFC 9728 section 2; `undefined` where it could not say what clients need. */
export function protectedResource({ resource, authorizationServers = [], scopes }: Auth): string | undefined {
  if (resource === undefined || !URL.canParse(resource) || authorizationServers.length === 0) return undefined;
  return JSON.stringify({
    resource,
    authorization_servers: authorizationServers,
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
  });
}

/** What an author's function gave may be anything: a caller without a name is no caller. */
export function isCaller(value: unknown): value is Caller {
  if (typeof value !== 'object' || value === null) return false;
  const { issuer, subject, scopes } = value as Partial<Record<keyof Caller, unknown>>;
  return typeof issuer === 'string' && typeof subject === 'string' && Array.isArray(scopes);
}
