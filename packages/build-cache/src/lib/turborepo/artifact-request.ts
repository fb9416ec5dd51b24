import type { IncomingMessage } from 'node:http';

/** What a request asks for. */
export type ArtifactRoute =
  | { readonly kind: 'status' }
  | { readonly kind: 'events' }
  | { readonly kind: 'query'; readonly team: string }
  | {
      readonly kind: 'artifact';
      readonly protocol: 'turborepo' | 'nx';
      readonly team: string;
      readonly hash: string;
    };

export interface ArtifactRequest {
  readonly route: ArtifactRoute;
  /** What the route takes. */
  readonly methods: readonly string[];
}

/** What turbo, Nx and mcpgen call their artifacts; nothing of it becomes a file name. */
const HASH = /^[A-Za-z0-9_-]{1,128}$/;
const TEAM = /^[\w.@:-]{0,128}$/;

/** Reads a request's path and query; `undefined` where there is nothing of that name, or it is no name. */
export function parseArtifactRequest({ url }: Pick<IncomingMessage, 'url'>): ArtifactRequest | undefined {
  const target = URL.parse(url ?? '', 'http://localhost');
  if (target === null) return undefined;
  const nx = /^\/v1\/cache\/(?<hash>[^/]+)$/.exec(target.pathname)?.groups?.hash;
  if (nx !== undefined) {
    if (!HASH.test(nx)) return undefined;
    return { route: { kind: 'artifact', protocol: 'nx', team: '', hash: nx }, methods: ['GET', 'PUT'] };
  }
  const team = target.searchParams.get('teamId') ?? target.searchParams.get('slug') ?? '';
  if (!TEAM.test(team)) return undefined;
  const rest = /^\/v8\/artifacts(?<rest>\/[^/]+)?$/.exec(target.pathname)?.groups;
  if (rest === undefined) return undefined;
  const hash = rest.rest?.slice(1);
  if (hash === undefined) return { route: { kind: 'query', team }, methods: ['POST'] };
  if (hash === 'status') return { route: { kind: 'status' }, methods: ['GET'] };
  if (hash === 'events') return { route: { kind: 'events' }, methods: ['POST'] };
  if (!HASH.test(hash)) return undefined;
  return { route: { kind: 'artifact', protocol: 'turborepo', team, hash }, methods: ['GET', 'HEAD', 'PUT'] };
}

/** Sent by a client to have them back. */
const KEPT_HEADERS = ['x-artifact-tag', 'x-artifact-sha', 'x-artifact-dirty-hash'] as const;

export function keptHeaders({ headers }: Pick<IncomingMessage, 'headers'>): Record<string, string> {
  const kept = KEPT_HEADERS.map((name) => [name, headers[name]] as const);
  return Object.fromEntries(
    kept.filter((entry): entry is [(typeof KEPT_HEADERS)[number], string] =>
      /^[\x21-\x7e]{1,600}$/.test(String(entry[1] ?? '')),
    ),
  );
}

/** Milliseconds. */
export function durationOf({ headers }: Pick<IncomingMessage, 'headers'>): number {
  const text = headers['x-artifact-duration'];
  return typeof text === 'string' && /^\d{1,12}$/.test(text) ? Number(text) : 0;
}
