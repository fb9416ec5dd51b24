import type { Digest } from '../digest.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { limitConcurrency } from '../remote/limit-concurrency.ts';
import type { Patience } from '../remote/patience.ts';
import { hashOf } from './artifact-address.ts';
import type { ArtifactClient } from './artifact-client.ts';
import { readArtifact } from './read-artifact.ts';
import type { ArtifactSigner } from './sign-artifact.ts';
import type { TierHealth } from './tier-health.ts';

export interface ReceiveOptions {
  readonly client: ArtifactClient;
  readonly location: string;
  readonly exchange: EntryExchange;
  readonly newSigner: (hash: string) => ArtifactSigner | undefined;
  readonly patience: Patience;
  readonly health: TierHealth;
}

/** Artifacts on their way here at once. */
const DOWNLOADS = 8;

/** Brings entries into the local store. */
export function receiveArtifacts({ client, location, exchange, newSigner, patience, health }: ReceiveOptions): {
  /** False where there is none, or it cannot be had. */
  readonly fetch: (key: Digest) => Promise<boolean>;
  /** Entries so far. */
  readonly received: () => number;
} {
  const limited = limitConcurrency(DOWNLOADS);
  let received = 0;

  async function bring(key: Digest): Promise<boolean> {
    if (!health.usable) return false;
    const hash = hashOf(key);
    const artifact = await client.get(hash);
    if (artifact === undefined) return false;
    const signer = newSigner(hash);
    await readArtifact({ key, location, ...artifact, ...(signer && { signer }) }, exchange);
    received++;
    return true;
  }

  return {
    received: () => received,
    async fetch(key) {
      try {
        return health.usable && (await patience.wait(limited(() => bring(key))));
      } catch (error) {
        health.failed(error);
        return false;
      }
    },
  };
}
