import { type Digest, digestOf } from '@mcpgen/build-cache';
import {
  compareComponents,
  explainChange,
  type Fingerprint,
  type MovedOutput,
  type StepState,
} from '@mcpgen/cache-invalidation';
import type { Step } from './step.ts';

export interface ReasonContext {
  readonly previous: StepState | undefined;
  readonly force: boolean;
  /** What of its outputs is not as it left it, where that was looked for. */
  readonly moved: MovedOutput | undefined;
}

/** Why a step that is not fresh is not: `tools/echo.ts changed`. */
export function changeReason(
  step: Step,
  { key, components }: Fingerprint,
  { previous, force, moved }: ReasonContext,
): string {
  if (step.cache === 'off') return 'it is never kept';
  if (force) return 'it was asked for';
  if (previous === undefined) return explainChange(undefined, components);
  if (previous.key === key) return moved === undefined ? 'its outputs are not as it left them' : movedReason(moved);
  if (compareComponents(previous.components, components).length === 0) return 'what it reads was changed while it ran';
  return explainChange(previous.components, components);
}

function movedReason({ path, state }: MovedOutput): string {
  return state === 'gone' ? `its output ${path} is gone` : `its output ${path} was changed`;
}

/** A key that no step has, for a result that the next build may not take for its own. */
export function outdatedKey(key: Digest): Digest {
  return digestOf(`made from inputs that changed: ${key}`);
}
