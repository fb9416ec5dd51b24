import type { StepReport } from '@mcpgen/build-optimizer';
import type { BuildStep } from '@mcpgen/docker';

/** A step of BuildKit as one of ours. Times are by BuildKit's clock: they count from its first step. */
export function dockerStepReport(step: BuildStep, began: number): StepReport {
  const { name, cached, started, duration, needs } = step;
  return {
    name: stepName(name),
    outcome: cached ? 'fresh' : 'ran',
    reason: cached ? 'BuildKit had it' : 'BuildKit had nothing for these inputs',
    duration,
    start: Math.max(0, started - began),
    queued: 0,
    saved: 0,
    needs: needs.filter(isShown).map(stepName),
  };
}

/** What BuildKit does for itself is no step of this build. */
export function isShown(name: string): boolean {
  return !/^\[(internal|auth)\]/.test(name);
}

export function stepName(name: string): string {
  return `docker:${name}`;
}
