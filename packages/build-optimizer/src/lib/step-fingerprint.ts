import { type Digest, digestOf, jsonText } from '@mcpgen/build-cache';
import { type Fingerprint, fingerprint, type ReadPart } from '@mcpgen/cache-invalidation';
import type { Step, StepOutput } from './step.ts';

/** The output of a step that is done. */
export type OutputOf = (step: string) => StepOutput | undefined;

/** What a step is made from: its key, and for a step with `reads` what that found. */
export interface StepPrint {
  readonly fingerprint: Fingerprint;
  readonly read: ReadPart | undefined;
}

export interface StepPrintOptions {
  readonly outputOf: OutputOf;
  /** As much of the generator's version as any result depends on. */
  readonly generator: string;
  /** What `reads` found last time: not asked again where the needs gave the same. */
  readonly lastRead: ReadPart | undefined;
}

/** The key of a step, now that all it needs is there. */
export function stepPrint(step: Step, { outputOf, generator, lastRead }: StepPrintOptions): StepPrint {
  const { name, version, inputs } = step;

  const digests = outputDigests(step, outputOf);
  const read = step.reads === undefined ? undefined : readPart(step, { digests, outputOf, generator, lastRead });
  const needs = read === undefined ? digests : { [step.needs.join(', ')]: read.part };
  return { fingerprint: fingerprint({ step: name, version, generator, ...inputs, needs }), read };
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

function outputDigests(step: Step, outputOf: OutputOf): Readonly<Record<string, Digest>> {
  const digests: Record<string, Digest> = {};
  for (const need of step.needs) {
    const output = outputOf(need);
    if (output !== undefined) digests[need] = output.digest;
  }
  return digests;
}

/** What `reads` gives depends on what the needs gave, and on the code of the step alone. */
function readPart(
  step: Step,
  { digests, outputOf, generator, lastRead }: StepPrintOptions & { readonly digests: Readonly<Record<string, Digest>> },
): ReadPart {
  const of = digestOf(JSON.stringify([generator, step.version, digests]));
  if (of === lastRead?.of) return lastRead;
  const part = jsonText(step.reads?.(visibleOutputs(step, outputOf)) ?? null, `what ${step.name} reads`);
  return { of, part: digestOf(part) };
}
