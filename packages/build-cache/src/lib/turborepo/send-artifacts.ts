import type { Digest } from '../digest.ts';
import type { EntryExchange } from '../entry-exchange.ts';
import { limitConcurrency } from '../remote/limit-concurrency.ts';
import type { Patience } from '../remote/patience.ts';
import type { SentReport } from '../remote/write-snapshot.ts';
import { hashOf } from './artifact-address.ts';
import type { ArtifactClient } from './artifact-client.ts';
import type { ArtifactSigner } from './sign-artifact.ts';
import type { TierHealth } from './tier-health.ts';
import { writeArtifact } from './write-artifact.ts';

export interface SendOptions {
  readonly client: ArtifactClient;
  readonly exchange: EntryExchange;
  readonly newSigner: (hash: string) => ArtifactSigner | undefined;
  readonly patience: Patience;
  readonly health: TierHealth;
}

/** Artifacts on their way at once. */
const UPLOADS = 4;

/** Asked for in one request whether they are there. */
const ASKED_AT_ONCE = 100;

/**
 * Sends entries in the background that the server does not have. What is given while a request is under way waits for the
 * next one: a build of many small steps asks a few times, not once for each.
 */
export function sendArtifacts({ client, exchange, newSigner, patience, health }: SendOptions): {
  readonly send: (key: Digest) => void;
  /** So far. */
  readonly sent: () => SentReport;
  readonly finish: () => Promise<SentReport>;
} {
  const given = new Set<Digest>();
  const report = { entries: 0, bytes: 0 };
  const limited = limitConcurrency(UPLOADS);
  let waiting: Digest[] = [];
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    // What is given in one go is asked for in one go.
    await undefined;
    while (waiting.length > 0 && health.usable) {
      const keys = waiting.slice(0, ASKED_AT_ONCE);
      waiting = waiting.slice(ASKED_AT_ONCE);
      try {
        const there = await client.find(keys.map(hashOf));
        const missing = keys.filter((key) => !there.has(hashOf(key)));
        await Promise.all(missing.map((key) => limited(() => sendOne(key))));
      } catch (error) {
        health.failed(error);
      }
    }
    working = undefined;
  }

  async function sendOne(key: Digest): Promise<void> {
    if (!health.usable) return;
    try {
      const hash = hashOf(key);
      const artifact = await writeArtifact(key, exchange, () => newSigner(hash));
      if (artifact === undefined || !(await client.put(hash, artifact))) return;
      report.entries++;
      report.bytes += artifact.size;
    } catch (error) {
      health.failed(error);
    }
  }

  return {
    send(key) {
      if (given.has(key) || !health.usable) return;
      given.add(key);
      waiting.push(key);
      working ??= work();
    },
    sent: () => ({ ...report }),
    async finish() {
      try {
        while (working !== undefined) await patience.wait(working);
      } catch (error) {
        health.failed(error);
      }
      return report;
    },
  };
}
