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

/** What all calls of a tool have in common. */
export type ResultKeyBase = Pick<ResultKeyParts, 'server' | 'build' | 'tool' | 'version' | 'scope'>;

/**
 * The key of one result: a digest of what all calls of the tool have in common, and the canonical JSON of the rest, both
 * as one SHA-256 where they are long. Nothing is joined by separators. Throws `NOT_CANONICAL` where the arguments are not
 * plain JSON.
 */
export function resultKey(parts: ResultKeyParts): string {
  return createResultKey(parts)(parts);
}

/** The same for many calls of one tool, whose common part is digested once. */
export function createResultKey({
  server,
  build,
  tool,
  version,
  scope,
}: ResultKeyBase): (call: Omit<ResultKeyParts, keyof ResultKeyBase>) => string {
  const base = hash('sha256', JSON.stringify(['mcpgen-rc-2', server, build, tool, version, scope]), 'base64url');
  return ({ caller, tenant, protocolVersion = null, reads = NOTHING, arguments: given }) => {
    const who = scope === 'public' ? null : principal(caller, tenant);
    const key = base + canonicalJson([who, protocolVersion, reads, given]);
    return key.length > LONGEST_KEY ? hash('sha256', key) : key;
  };
}

const NOTHING = {};
/** Characters. A digest takes longer than to look up a text of this length. */
const LONGEST_KEY = 512;

function principal(caller: ResultKeyCaller | undefined, tenant: string | undefined): readonly unknown[] {
  if (caller === undefined) return ['anonymous', tenant ?? null];
  const { scopes } = caller;
  const sorted = scopes.length < 2 ? scopes : [...new Set(scopes)].sort();
  return [caller.issuer, caller.subject, caller.clientId ?? null, sorted, tenant ?? null];
}
