import type { BuildRecord } from './build-record.ts';
import { LATEST } from './detect-shift.ts';
import type { Covariate } from './regress.ts';
import { median } from './statistics.ts';
import type { Row } from './step-rows.ts';

/** A step that says what the machine did: by how much, as a logarithm, it was slower than it usually is. */
export interface Witness {
  readonly of: Row;
  readonly ratios: readonly (number | undefined)[];
}

/** More of them say nothing more, and each costs the regression a run. */
const WITNESSES = 8;

/**
 * Slopes that are plausible, as logarithms: a wholly busy machine makes CPU times half as long again, by caches and
 * frequencies, and times several fold. What is found depends little on them: half or twice as much finds the same.
 */
const PLAUSIBLE = { cpu: { busy: 0.5, wait: 0.4, witness: 1 }, time: { busy: 2, wait: 0.4, witness: 1 } };

/** The most expensive steps of those that nearly all runs have. */
export function witnessesOf(rows: readonly Row[], runs: number): readonly Witness[] {
  const frequent = rows.filter(({ cells }) => cells.filter((cell) => cell !== undefined).length >= runs * 0.8);
  const witnesses = frequent.toSorted((a, b) => b.most - a.most).slice(0, WITNESSES + 1);
  return witnesses.map((of) => {
    const usual = median(of.cells.filter((cell) => cell !== undefined));
    return { of, ratios: of.cells.map((cell) => (cell === undefined ? undefined : Math.log(cell / usual))) };
  });
}

/** What may explain the differences of a step between these runs; the witnesses are rows of the same measure. */
export function covariatesOf(
  row: Row,
  runs: readonly (BuildRecord | undefined)[],
  { present, witnesses }: { readonly present: readonly number[]; readonly witnesses: readonly Witness[] },
): readonly Covariate[] {
  const others = witnesses.filter(({ of }) => of !== row).slice(0, WITNESSES);
  const { busy, wait, witness } = PLAUSIBLE[row.measure];
  return [
    { slope: busy, values: runs.map(loadOf) },
    { slope: busy, values: runs.map(busyShare) },
    { slope: wait, values: present.map((run) => row.waits[run] ?? 0) },
    ...others.map(({ ratios }) => ({
      slope: witness / Math.sqrt(others.length),
      values: withinUsual(present.map((run) => ratios[run] ?? 0)),
    })),
  ];
}

/** How busy others kept the machine, from 0 to 1. */
export function loadOf(run: BuildRecord | undefined): number {
  return run?.machine?.pressure ?? busyShare(run);
}

function busyShare(run: BuildRecord | undefined): number {
  const { others = 0, cores = 1 } = run?.machine ?? {};
  return others / cores;
}

/** A step that itself has changed is no witness any more: what it says lately stays within what it said before. */
function withinUsual(values: readonly number[]): readonly number[] {
  const before = values.slice(0, -LATEST);
  const [least, most] = [Math.min(...before), Math.max(...before)];
  return values.map((value) => Math.min(most, Math.max(least, value)));
}
