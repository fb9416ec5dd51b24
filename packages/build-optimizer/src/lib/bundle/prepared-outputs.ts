import type { DependencyPlan } from './dependency-plan.ts';
import type { Output } from './write-outputs.ts';

export interface PreparedOutputs {
  readonly target: string;
  readonly outputs: readonly Output[];
}

const prepared = new WeakMap<DependencyPlan, PreparedOutputs>();

/**
 * Planning dependencies for the first time means bundling them, to see which code is reached: what came out waits here,
 * as long as the plan lives, so that it need not be made again.
 */
export function prepareOutputs(plan: DependencyPlan, outputs: PreparedOutputs): void {
  prepared.set(plan, outputs);
}

export function preparedOutputs(plan: DependencyPlan, target: string): readonly Output[] | undefined {
  const found = prepared.get(plan);
  return found?.target === target ? found.outputs : undefined;
}
