import { isIP } from 'node:net';
import type { RemoteTier } from '@mcpgen/build-cache/remote';
import { openTurborepoTier } from '@mcpgen/build-cache/turborepo';
import type { CliContext } from '../context.ts';
import { usageError } from '../errors.ts';
import type { TierOptions } from './open-tier.ts';

/** Whether a place is a server of the Turborepo remote cache API rather than a registry: `https://cache.example.com`. */
export function isTurborepoPlace(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

/**
 * Opens a server of the Turborepo API. Its team stands in the address, as the API has it (`?slug=team`), or is turbo's own;
 * the token and what signs stand in the environment.
 */
export function openTurborepoPlace(context: CliContext, place: string, options: TierOptions): RemoteTier {
  const { environment, signal } = context;
  const { exchange, insecure, publicKeys, patience, onEvent } = options;
  const { url, team, slug } = readPlace(place, environment);
  if (url.protocol === 'http:' && !insecure && !isLoopback(url.hostname)) {
    throw usageError(`Cannot send a token to "${place}" over plain HTTP`, 'Use https, or allow it with --insecure');
  }
  const signatureKey = environment.TURBO_REMOTE_CACHE_SIGNATURE_KEY || undefined;
  if (signatureKey === undefined && publicKeys.length > 0) return unusedTier(place, onEvent);
  const token = tokenFor(url, environment);
  return openTurborepoTier({
    url: `${url.origin}${url.pathname}`,
    name: place,
    exchange,
    patience,
    ...(team === undefined ? {} : { team }),
    ...(slug === undefined ? {} : { slug }),
    ...(token === undefined ? {} : { token }),
    ...(signatureKey === undefined ? {} : { signatureKey }),
    fetch: (input, init) => fetch(input, { ...init, signal: withSignal(init?.signal, signal) }),
    onEvent,
  });
}

type Environment = CliContext['environment'];

interface Place {
  readonly url: URL;
  readonly team: string | undefined;
  readonly slug: string | undefined;
}

function readPlace(place: string, { TURBO_TEAMID, TURBO_TEAM }: Environment): Place {
  const url = URL.parse(place);
  const known = ['teamId', 'slug'];
  if (
    url === null ||
    url.username !== '' ||
    url.hash !== '' ||
    ![...url.searchParams.keys()].every((key) => known.includes(key))
  ) {
    throw usageError(`Cannot use "${place}" as a cache`, 'Write it like https://cache.example.com?slug=team');
  }
  const [team, slug] = known.map((key) => url.searchParams.get(key) ?? undefined);
  if (team !== undefined || slug !== undefined) return { url, team, slug };
  return { url, team: TURBO_TEAMID || undefined, slug: TURBO_TEAM || undefined };
}

/** Where turbo sends its token when it is told nothing else. */
const VERCEL = ['https://vercel.com', 'https://api.vercel.com'];

/** turbo's token goes where turbo sends it, and nowhere else: a project's configuration can name any server. */
function tokenFor(url: URL, { MCPGEN_CACHE_TOKEN, TURBO_TOKEN, TURBO_API }: Environment): string | undefined {
  if (MCPGEN_CACHE_TOKEN) return MCPGEN_CACHE_TOKEN;
  const known = TURBO_API ? [URL.parse(TURBO_API)?.origin] : VERCEL;
  return known.includes(url.origin) ? TURBO_TOKEN || undefined : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}

function withSignal(one: AbortSignal | null | undefined, other: AbortSignal): AbortSignal {
  return one ? AbortSignal.any([one, other]) : other;
}

/** Where a project asks for signatures and there is no key to check them with: one warning, and nothing is read or sent. */
function unusedTier(place: string, onEvent: TierOptions['onEvent']): RemoteTier {
  const nothing = { entries: 0, bytes: 0 };
  onEvent({
    type: 'failed',
    operation: `use ${place}`,
    message: 'cache.publicKeys are configured, and TURBO_REMOTE_CACHE_SIGNATURE_KEY is not set',
    hint: 'Set the key that artifacts there are signed with',
  });
  return {
    location: place,
    writable: true,
    fetch: async () => false,
    keys: async () => [],
    send: () => undefined,
    traffic: () => ({ received: nothing, sent: nothing }),
    close: async () => nothing,
  };
}
