import type { BuildRecord, SpanRecord } from './build-record.ts';
import { spanTime } from './step-graph.ts';
import { stepsOf } from './steps-of.ts';

/** What a step cost in each run in which it ran. */
export interface Row {
  readonly name: string;
  readonly measure: 'cpu' | 'time';
  readonly cells: readonly (number | undefined)[];
  /** Of CPU time: the logarithm of the time that passed by it, which says how long the step waited for a core. */
  readonly waits: readonly (number | undefined)[];
  readonly most: number;
}

/** A step by the time that passed, and by CPU time where all runs know it. */
export interface StepRows {
  readonly time: Row;
  readonly cpu?: Row;
}

/** The steps that ran in the latest of these runs. */
export function stepRows(runs: readonly BuildRecord[]): readonly StepRows[] {
  const steps = runs.map((record) => new Map(stepsOf(record).map((step) => [step.name, step])));
  const latest = [...(steps.at(-1)?.values() ?? [])].filter(isMeasured);
  return latest.map(({ name }) => {
    const ran = steps.map((all) => {
      const step = all.get(name);
      return step !== undefined && isMeasured(step) ? step : undefined;
    });
    const isKnown = ran.every((step) => step === undefined || (step.cpu ?? 0) > 0);
    return { time: rowOf(name, 'time', ran), ...(isKnown && { cpu: rowOf(name, 'cpu', ran) }) };
  });
}

function rowOf(name: string, measure: Row['measure'], ran: readonly (SpanRecord | undefined)[]): Row {
  const cells = ran.map((step) => (measure === 'cpu' ? step?.cpu : step && spanTime(step)));
  const waits = ran.map((step) => (measure === 'cpu' && step?.cpu ? Math.log(spanTime(step) / step.cpu) : undefined));
  return { name, measure, cells, waits, most: cells.reduce<number>((largest, cell = 0) => Math.max(largest, cell), 0) };
}

function isMeasured(step: SpanRecord): boolean {
  return step.outcome === 'ran' && spanTime(step) > 0;
}
