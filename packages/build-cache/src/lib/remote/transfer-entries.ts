import type { LocalCache } from '../local-cache.ts';
import type { RemoteTier } from './open-remote-tier.ts';
import type { SentReport } from './write-snapshot.ts';

export interface PulledReport {
  /** Brought here. */
  readonly entries: number;
  /** Here already. */
  readonly present: number;
  /** Could not be had: the tier's event says why. */
  readonly failed: number;
}

/** Entries on their way at once. */
const AT_ONCE = 32;

/** Brings all that a remote cache holds into a local one. */
export async function pullEntries(tier: RemoteTier, { exchange }: LocalCache): Promise<PulledReport> {
  const report = { entries: 0, present: 0, failed: 0 };
  const queue = (await tier.keys()).values();
  const work = async (): Promise<void> => {
    for (const key of queue) {
      if (exchange.hasEntry(key)) report.present++;
      else if (await tier.fetch(key)) report.entries++;
      else report.failed++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return report;
}

/** Sends all of a local cache that a remote one does not have; closes the tier. */
export function pushEntries(tier: RemoteTier, { exchange }: LocalCache): Promise<SentReport> {
  for (const key of exchange.keys()) tier.send(key);
  return tier.close();
}
