import type { Digest } from '@mcpgen/build-cache';
import type { StepState } from '@mcpgen/cache-invalidation';
import { stepOutputConflict } from './errors.ts';
import type { SettledStep } from './settle-step.ts';
import type { Step, StepOutput, StepReport } from './step.ts';

/** What a build has come to so far. Reads in the order of the steps, whatever the order in which they finished. */
export interface BuildProgress {
  /** Of a step that is done, or kept. */
  output(step: string): StepOutput | undefined;
  /**
   * Takes a step as done.
   *
   * @throws BuildError STEP_OUTPUT_CONFLICT when another step wrote one of its files with other content.
   */
  add(settled: SettledStep, report: StepReport): void;
  reports(): readonly StepReport[];
  outputs(): ReadonlyMap<string, StepOutput>;
  /** Of every step that is done. */
  states(): ReadonlyMap<string, StepState>;
}

/** @param kept outputs of steps that are not in the list. */
export function createProgress(
  steps: readonly Step[],
  kept: (step: string) => StepOutput | undefined = () => undefined,
): BuildProgress {
  const done = new Map<string, Done>();
  const claims = new Map<string, Claim>();
  const collect = <T>(part: (step: Done) => T): ReadonlyMap<string, T> => {
    const parts = new Map<string, T>();
    for (const { name } of steps) {
      const step = done.get(name);
      if (step !== undefined) parts.set(name, part(step));
    }
    return parts;
  };
  return {
    output: (step) => done.get(step)?.output ?? kept(step),
    add(settled, report) {
      claimFiles(claims, report.name, settled);
      done.set(report.name, { output: settled.output, state: settled.state, report });
    },
    reports: () => [...collect(({ report }) => report).values()],
    outputs: () => collect(({ output }) => output),
    states: () => collect(({ state }) => state),
  };
}

interface Done {
  readonly output: StepOutput;
  readonly state: StepState;
  readonly report: StepReport;
}

interface Claim {
  readonly step: string;
  readonly size: number;
  readonly digest: Digest | undefined;
}

/** Steps may write the same file with the same content, as two images do that share a layer. */
function claimFiles(claims: Map<string, Claim>, step: string, { output, state, digests }: SettledStep): void {
  state.outputs.forEach(({ path, size }, at) => {
    const file = `${output.directory}/${path}`;
    const claim = { step, size, digest: digests?.[at] };
    const other = claims.get(file);
    if (other !== undefined && differ(claim, other)) throw stepOutputConflict(path, other.step, step);
    claims.set(file, claim);
  });
}

/** A fresh file's digest is not known; it was in place a moment ago, with the size that the state says. */
function differ(a: Claim, b: Claim): boolean {
  if (a.size !== b.size) return true;
  return a.digest !== undefined && b.digest !== undefined && a.digest !== b.digest;
}
