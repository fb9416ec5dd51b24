import { type Digest, digestOf, jsonText } from '@mcpgen/build-cache';
import { type Fingerprint, fingerprint } from '@mcpgen/cache-invalidation';
import type { Step, StepOutput } from './step.ts';

/** The output of a step that is done. */
export type OutputOf = (step: string) => StepOutput | undefined;

/**
 * The key of a step, now that all it needs is there. `generator` is as much of the generator's version as any result
 * depends on.
 */
export function stepFingerprint(step: Step, outputOf: OutputOf, generator: string): Fingerprint {
  const { name, version, inputs } = step;
  const { files = {}, options = {} } = inputs;
  return fingerprint({ step: name, version, generator, files, options, needs: needDigests(step, outputOf) });
}

/** The outputs that a step may see: of its needs, and of the steps it only waits for. */
export function visibleOutputs({ needs, after = [] }: Step, outputOf: OutputOf): ReadonlyMap<string, StepOutput> {
  const visible = new Map<string, StepOutput>();
  for (const name of [...needs, ...after]) {
    const output = outputOf(name);
    if (output !== undefined) visible.set(name, output);
  }
  return visible;
}

function needDigests(step: Step, outputOf: OutputOf): Readonly<Record<string, Digest>> {
  if (step.reads !== undefined) {
    const part = jsonText(step.reads(visibleOutputs(step, outputOf)) ?? null, `what ${step.name} reads`);
    return { [step.needs.join(', ')]: digestOf(part) };
  }
  const digests: Record<string, Digest> = {};
  for (const need of step.needs) {
    const output = outputOf(need);
    if (output !== undefined) digests[need] = output.digest;
  }
  return digests;
}
