import type { BuildAnalysis } from './analyse.ts';
import type { BuildRecord } from './build-record.ts';

/** One thing to do about a build's time. */
export interface Advice {
  readonly kind: 'workers' | 'step' | 'machine';
  /** A sentence for people. */
  readonly message: string;
  /** Milliseconds it would save; unknown of a busy machine. */
  readonly saves?: number;
}

/** Nobody waits for less than this, milliseconds. */
const SHORT = 2000;
/** A share of the build's time that is worth a change. */
const SHARE = 0.2;

/** Only where it would matter: a build of seconds, and a fifth of it to win. */
export function adviseOn(record: BuildRecord, analysis: Omit<BuildAnalysis, 'advice'>): readonly Advice[] {
  const { duration, planned, bottlenecks } = analysis;
  if (duration < SHORT) return [];
  const worth = duration * SHARE;
  const [now, twice] = planned;
  const advice: Advice[] = [];
  const gain = (now?.duration ?? 0) - (twice?.duration ?? 0);
  const [first] = bottlenecks;
  if (twice !== undefined && gain >= worth) {
    const message = `${twice.workers} workers instead of ${record.concurrency} would save ${seconds(gain)}, if the machine has the cores`;
    advice.push({ kind: 'workers', saves: gain, message });
  }
  if (first !== undefined && first.saves >= worth) {
    const message = `"${first.step.name}" holds up the build: without it ${seconds(first.saves)} less`;
    advice.push({ kind: 'step', saves: first.saves, message });
  }
  const { others = 0, cores = 1, pressure = 0 } = record.machine ?? {};
  if (others >= cores / 2 && pressure >= 0.5) {
    const message = `Other processes kept ${others.toFixed(1)} of ${cores} cores busy: times of this build say little`;
    advice.push({ kind: 'machine', message });
  }
  return advice;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
