import type { CacheEvent } from '../cache.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { remoteSlow } from '../errors.ts';
import type { RemoteTier } from '../remote/open-remote-tier.ts';
import { createPatience, type Patience } from '../remote/patience.ts';
import { type ArtifactAddress, artifactAddress } from './artifact-address.ts';
import { type ArtifactClient, createArtifactClient } from './artifact-client.ts';
import { receiveArtifacts } from './receive-artifacts.ts';
import { sendArtifacts } from './send-artifacts.ts';
import { type ArtifactSigner, signArtifact } from './sign-artifact.ts';
import { tierHealth } from './tier-health.ts';

export interface TurborepoTierOptions {
  /** Of the server, as `TURBO_API` has it: `https://cache.example.com`. */
  readonly url: string;
  /** Sent to that server only. Default: none, for a server that anyone may ask. */
  readonly token?: string;
  /** `teamId`: a trust scope. */
  readonly team?: string;
  /** The team by name, as `TURBO_TEAM` has it. */
  readonly slug?: string;
  /** What artifacts are signed with; one that is not, or with another key, is refused. Default: anybody's is believed. */
  readonly signatureKey?: string;
  /** The local store: entries come there, and go out from there. */
  readonly exchange: EntryExchange;
  /** Milliseconds that a run waits while nothing moves, in all. Default: 5,000 for reading, and the same for writing. */
  readonly patience?: number;
  /** What events and hits call it. Default: the address and the team. */
  readonly name?: string;
  readonly fetch?: typeof fetch;
  readonly onEvent?: (event: CacheEvent) => void;
}

/** Bytes per second below which a server is not worth waiting for. */
const RATE = 1_000_000;

/**
 * A server of the Turborepo remote cache API as a cache behind a local one: an artifact for each entry. It never fails a
 * build: what goes wrong is one `failed` event for reading and one for writing, and misses. The API has no list, so `keys`
 * resolves to nothing.
 *
 * @throws {CacheError} `REMOTE_URL_INVALID`
 */
export function openTurborepoTier(options: TurborepoTierOptions): RemoteTier {
  const { exchange, onEvent = () => {} } = options;
  const address = artifactAddress(options);
  const { location } = address;
  const newSigner = signerOf(options, address);
  const direction = (operation: string) => {
    const patience = startPatience(options, location);
    const client = openClient(options, address, patience);
    return { client, location, exchange, newSigner, patience, health: tierHealth(`${operation} ${location}`, onEvent) };
  };
  const [reading, writing] = [direction('read from'), direction('write to')];
  const incoming = receiveArtifacts(reading);
  const outgoing = sendArtifacts(writing);
  return {
    location,
    writable: true,
    fetch: incoming.fetch,
    keys: async () => [],
    send: outgoing.send,
    traffic: () => ({
      received: { entries: incoming.received(), bytes: reading.patience.bytes() },
      sent: outgoing.sent(),
    }),
    async close() {
      const sent = await outgoing.finish();
      for (const { health, patience } of [reading, writing]) {
        health.end();
        patience.end();
      }
      return sent;
    },
  };
}

function startPatience({ patience = 5000 }: TurborepoTierOptions, location: string): Patience {
  return createPatience({ limit: patience, rate: RATE, onOver: (waited) => remoteSlow(location, waited) });
}

function openClient(
  { token, fetch = globalThis.fetch }: TurborepoTierOptions,
  address: ArtifactAddress,
  { signal, progress }: Patience,
): ArtifactClient {
  return createArtifactClient({ address, token, fetch, signal, onBytes: progress });
}

function signerOf(
  { signatureKey }: TurborepoTierOptions,
  { scope }: ArtifactAddress,
): (hash: string) => ArtifactSigner | undefined {
  return (hash) => (signatureKey === undefined ? undefined : signArtifact(signatureKey, { hash, scope }));
}
