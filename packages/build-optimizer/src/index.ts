export { BuildError, type BuildErrorCode } from './lib/errors.ts';
export {
  type BuildPlan,
  type PlannedAction,
  type PlannedStep,
  type PlanOptions,
  planBuild,
  readBuildPlan,
} from './lib/plan-build.ts';
export { type LayerGroup, planLayers } from './lib/plan-layers.ts';
export {
  type Compression,
  type Profile,
  type ProfileName,
  type ProfileOverrides,
  resolveProfile,
} from './lib/resolve-profile.ts';
export { type BuildResult, type RunOptions, runPlan } from './lib/run-plan.ts';
export type {
  BuildEvent,
  Outcome,
  Step,
  StepContext,
  StepInputs,
  StepOutput,
  StepReport,
  StepResult,
} from './lib/step.ts';
