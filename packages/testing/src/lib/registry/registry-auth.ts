import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, failure, json } from './answer.ts';

/** Who may use a registry. */
export interface RegistryAuth {
  /** `basic`: user and password with each request. `token`: a token from the registry's own `/token`. */
  readonly kind: 'basic' | 'token';
  readonly username: string;
  readonly password: string;
  /** Whether anyone may read; with `token` an anonymous token is given for that. @default false */
  readonly anonymousPull?: boolean;
  /** Where the challenge sends clients for a token, instead of `/token`. */
  readonly realm?: string;
}

/** Judges requests. */
export interface AuthGate {
  /** The answer that refuses a request; `undefined` lets it pass. */
  check(
    headers: IncomingHttpHeaders,
    wanted: { readonly repository: string; readonly action: 'pull' | 'push' },
  ): Answer | undefined;
  /** Answers `GET /token` and `POST /token`. */
  issue(headers: IncomingHttpHeaders, parameters: URLSearchParams): Answer;
}

/** The refresh token that `POST /token` takes in place of user and password. */
export const TEST_REFRESH_TOKEN = 'test-refresh-token';

/** A gate for the rule; without a rule everything passes. */
export function authGate(auth: RegistryAuth | undefined, host: string): AuthGate {
  /** Scopes by token. */
  const issued = new Map<string, readonly string[]>();
  const basic = auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;

  const challenge = (wanted: { repository: string; action: string }): Answer => {
    const realm = auth?.realm ?? `http://${host}/token`;
    const scope =
      wanted.repository === ''
        ? ''
        : `,scope="repository:${wanted.repository}:${wanted.action === 'push' ? 'pull,push' : 'pull'}"`;
    const header = auth?.kind === 'basic' ? 'Basic realm="test"' : `Bearer realm="${realm}",service="test"${scope}`;
    return failure(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': header });
  };

  return {
    check({ authorization = '' }, wanted) {
      if (auth === undefined) return undefined;
      if (auth.kind === 'basic') {
        const open = auth.anonymousPull === true && wanted.action === 'pull' && authorization === '';
        return open || authorization === basic ? undefined : challenge(wanted);
      }
      const scopes = issued.get(authorization.replace(/^Bearer /, ''));
      if (scopes === undefined) return challenge(wanted);
      const granted = wanted.repository === '' || scopes.some((scope) => grants(scope, wanted));
      return granted ? undefined : failure(403, 'DENIED', 'requested access to the resource is denied');
    },
    issue({ authorization }, parameters) {
      const known = authorization === basic || parameters.get('refresh_token') === TEST_REFRESH_TOKEN;
      if (!known && (authorization !== undefined || !auth?.anonymousPull)) {
        return failure(401, 'UNAUTHORIZED', 'incorrect username or password');
      }
      const asked = parameters.getAll('scope').flatMap((scope) => scope.split(' '));
      const token = `token-${issued.size + 1}`;
      issued.set(token, known ? asked : asked.map((scope) => scope.replace(/:pull,push$/, ':pull')));
      return json(200, { token, expires_in: 300 });
    },
  };
}

function grants(
  scope: string,
  { repository, action }: { readonly repository: string; readonly action: string },
): boolean {
  const [, name, actions = ''] = /^repository:(.+):([a-z,]+)$/.exec(scope) ?? [];
  return name === repository && actions.split(',').includes(action);
}
