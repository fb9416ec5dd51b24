import { readFileSync } from 'node:fs';
import type { BuildRecord } from '../src/index.ts';

/** A line of such a file: the same work as all others. */
export interface EqualRun {
  readonly steps: Readonly<Record<string, { readonly wall: number; readonly cpu: number }>>;
  readonly wall: number;
  readonly pressure: number;
  readonly others: number;
  readonly cores: number;
}

/**
 * Recorded runs of equal work on two cores that others wanted, too: `equal-runs` (269, steps of 0.3 to 0.7 s of CPU), of which
 * the first half set the constants of the detection, and `longer-runs` (of 0.8 to 3 s).
 */
export function readEqualRuns(name: 'equal-runs' | 'longer-runs'): readonly EqualRun[] {
  const text = readFileSync(new URL(`./noise/${name}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line): EqualRun => JSON.parse(line));
}

/** The record of such a run, one step of which has become slower by a factor. */
export function recordOfRun(
  run: EqualRun,
  at: number,
  slower: { readonly step: string; readonly by: number },
): BuildRecord {
  const factor = (name: string): number => (name === slower.step ? slower.by : 1);
  return {
    version: 1,
    id: `${at}`,
    name: 'noise',
    started: at,
    duration: run.wall,
    outcome: 'succeeded',
    concurrency: 1,
    labels: {},
    machine: { class: 'noisy', cores: run.cores, others: run.others, pressure: run.pressure },
    spans: Object.entries(run.steps).map(([name, { wall, cpu }]) => ({
      name,
      kind: 'step',
      start: 0,
      end: wall * factor(name),
      outcome: 'ran',
      cpu: cpu * factor(name),
    })),
  };
}
