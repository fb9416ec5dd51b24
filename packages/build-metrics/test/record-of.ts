import type { BuildRecord, SpanRecord } from '../src/index.ts';

export type StepFacts = Pick<SpanRecord, 'name' | 'start' | 'end'> & Partial<SpanRecord>;

/** A record of steps; each ran, and is of the kind `step`, unless it says otherwise. */
export function recordOf(steps: readonly StepFacts[], facts: Partial<BuildRecord> = {}): BuildRecord {
  return {
    version: 1,
    id: 'build',
    name: 'site',
    started: 1_795_000_000_000,
    duration: Math.max(0, ...steps.map(({ end }) => end)),
    outcome: 'succeeded',
    concurrency: 2,
    labels: {},
    spans: steps.map((step) => ({ kind: 'step', outcome: 'ran', ...step })),
    ...facts,
  };
}
