import type { StepState } from '@mcpgen/cache-invalidation';
import { stepOutputConflict } from './errors.ts';
import type { SettledStep } from './settle-step.ts';
import type { Step, StepOutput, StepReport } from './step.ts';

/** What a build has come to so far. Reads in the order of the steps, whatever the order in which they finished. */
export interface BuildProgress {
  /** Of a step that is done. */
  output(step: string): StepOutput | undefined;
  /**
   * Takes a step as done.
   *
   * @throws BuildError STEP_OUTPUT_CONFLICT when another step wrote one of its files.
   */
  add(position: number, settled: SettledStep, report: StepReport): void;
  reports(): readonly StepReport[];
  outputs(): ReadonlyMap<string, StepOutput>;
  /** Of every step that is done. */
  states(): ReadonlyMap<string, StepState>;
}

export function createProgress(steps: readonly Step[]): BuildProgress {
  const done = new Map<string, Done>();
  const owners = new Map<string, number>();
  const inOrder = () => steps.flatMap(({ name }) => done.get(name) ?? []);
  return {
    output: (step) => done.get(step)?.output,
    add(position, { output, state }, report) {
      claimFiles(owners, steps, { position, output });
      done.set(report.name, { output, state, report });
    },
    reports: () => inOrder().map(({ report }) => report),
    outputs: () => new Map(inOrder().map(({ report, output }) => [report.name, output])),
    states: () => new Map(inOrder().map(({ report, state }) => [report.name, state])),
  };
}

interface Done {
  readonly output: StepOutput;
  readonly state: StepState;
  readonly report: StepReport;
}

function claimFiles(
  owners: Map<string, number>,
  steps: readonly Step[],
  { position, output }: { readonly position: number; readonly output: StepOutput },
): void {
  for (const path of output.files) {
    const file = `${output.directory}/${path}`;
    const owner = owners.get(file);
    if (owner !== undefined) {
      const [first, second] = owner < position ? [owner, position] : [position, owner];
      throw stepOutputConflict(path, [steps[first]?.name ?? '', steps[second]?.name ?? '']);
    }
    owners.set(file, position);
  }
}
