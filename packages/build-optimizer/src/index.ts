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
