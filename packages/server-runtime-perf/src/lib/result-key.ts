import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** Everything a result may depend on. What is left out here is shared between those who differ in it. */
export interface ResultKeyParts {
  /** Which server, and which build of it: two deployments that share a store must not share results. */
  readonly server: string;
  readonly build: string;
  readonly tool: string;
  /** Changes whenever the tool's code or schema does: a digest of both. */
  readonly version: string;
  /** `user` keeps callers apart. `public` drops caller, scopes and tenant: choose it only for what anyone may see. */
  readonly scope: 'user' | 'public';
  /** From verified credentials, never from a field the client filled in. Absent: everybody is `anonymous`. */
  readonly caller?: ResultKeyCaller | undefined;
  readonly tenant?: string | undefined;
  readonly protocolVersion?: string | undefined;
  /** Headers, locale and the like that the tool reads besides its arguments. */
  readonly reads?: Readonly<Record<string, string | undefined>> | undefined;
  /** After validation and defaults. */
  readonly arguments: unknown;
}

export interface ResultKeyCaller {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId?: string | undefined;
  readonly scopes: readonly string[];
}

/**
 * The key of one result: SHA-256 over the canonical JSON of all parts, nothing joined by separators. Throws
 * `NOT_CANONICAL` where the arguments are not plain JSON.
 */
export function resultKey(parts: ResultKeyParts): string {
  const { server, build, tool, version, scope, protocolVersion = null, reads = {} } = parts;
  const who = scope === 'public' ? null : principal(parts.caller, parts.tenant);
  // Texts are canonical as JSON prints them, all in one go.
  const texts = JSON.stringify(['mcpgen-rc-1', server, build, tool, version, scope]).slice(0, -1);
  return hash('sha256', `${texts},${canonicalJson([who, protocolVersion, reads, parts.arguments]).slice(1)}`);
}

function principal(caller: ResultKeyCaller | undefined, tenant: string | undefined): readonly unknown[] {
  if (caller === undefined) return ['anonymous', tenant ?? null];
  const scopes = [...new Set(caller.scopes)].sort();
  return [caller.issuer, caller.subject, caller.clientId ?? null, scopes, tenant ?? null];
}
