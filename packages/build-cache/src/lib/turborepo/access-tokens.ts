import { createHash, timingSafeEqual } from 'node:crypto';

export type TokenRight = 'read' | 'write';

/** Who may do what. */
export interface AccessToken {
  readonly token: string;
  /** `write` may read, too. */
  readonly right: TokenRight;
  /**
   * Where this token's artifacts go, apart from all others, such as `pull-requests`. It also reads what tokens without a
   * namespace wrote, and that first; they never read what it wrote. Default: the team's own artifacts.
   */
  readonly namespace?: string;
}

/** What a request may do. */
export interface Grant {
  readonly right: TokenRight;
  /** `''` is the team's own. */
  readonly namespace: string;
}

/** Finds what the `Authorization` header of a request grants; `undefined` is nothing. */
export type Authorize = (authorization: string | undefined) => Grant | undefined;

/**
 * Compares digests, all of them and in equal time: neither a token's length nor its beginning can be found out by trying.
 *
 * @throws {TypeError} for an empty token, or one that is given twice
 */
export function authorizeTokens(tokens: readonly AccessToken[] | 'anyone'): Authorize {
  if (tokens === 'anyone') return () => ({ right: 'write', namespace: '' });
  const known = tokens.map(({ token, right, namespace = '' }) => ({ digest: digest(token), right, namespace }));
  if (tokens.some(({ token }) => token === '')) throw new TypeError('Cannot use an empty token');
  if (new Set(tokens.map(({ token }) => token)).size < tokens.length) throw new TypeError('Cannot use a token twice');
  return (authorization) => {
    const given = /^Bearer (?<token>[\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.groups?.token;
    if (given === undefined) return undefined;
    const hash = digest(given);
    let grant: Grant | undefined;
    for (const { digest: expected, right, namespace } of known) {
      if (timingSafeEqual(hash, expected)) grant = { right, namespace };
    }
    return grant;
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
