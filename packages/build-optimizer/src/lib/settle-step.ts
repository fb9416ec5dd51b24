import { type BuildCache, type CacheEntry, type CacheHit, type Digest, emptyCache } from '@mcpgen/build-cache';
import {
  type Fingerprint,
  findMovedOutput,
  type MovedOutput,
  outputsInPlace,
  type ReadPart,
  readOutputFacts,
  type StepState,
} from '@mcpgen/cache-invalidation';
import { changeReason, outdatedKey } from './change-reason.ts';
import type { BuildEvent, Outcome, Step, StepInputs, StepOutput } from './step.ts';
import { type OutputOf, visibleOutputs } from './step-fingerprint.ts';

/** What settling a step needs besides the step. */
export interface SettleContext {
  readonly cache: BuildCache;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: BuildEvent) => void;
  readonly recheck: (files: NonNullable<StepInputs['files']>) => boolean | Promise<boolean>;
  readonly force: boolean;
}

/** A step whose needs are done. */
export interface SettleTask {
  readonly step: Step;
  readonly print: Fingerprint;
  /** What its `reads` found. */
  readonly read: ReadPart | undefined;
  readonly previous: StepState | undefined;
  /** What of its outputs is not as it left it, though they are what it would make. */
  readonly moved: MovedOutput | undefined;
  readonly outputOf: OutputOf;
}

/** A step that is done, however it came about. */
export interface SettledStep {
  readonly outcome: Outcome;
  /** Of the cache, where it was restored. */
  readonly tier?: string;
  readonly reason: string;
  readonly output: StepOutput;
  readonly state: StepState;
  /** Of `state.outputs`, where they were read. */
  readonly digests?: readonly Digest[];
}

/** The step as the last build left it, if that is what this build would make: told by the key and one stat a file. */
export function settleFresh({
  step,
  print,
  previous,
}: Pick<SettleTask, 'step' | 'print' | 'previous'>): SettledStep | undefined {
  if (step.cache === 'off' || previous === undefined || previous.key !== print.key) return undefined;
  if (!outputsInPlace(step.directory, previous.outputs)) return undefined;
  return { outcome: 'fresh', reason: 'nothing changed', output: openOutput(step.directory, previous), state: previous };
}

/** Why a step is not fresh that should be. */
export function findMoved({
  step,
  print,
  previous,
}: Pick<SettleTask, 'step' | 'print' | 'previous'>): MovedOutput | undefined {
  return previous?.key === print.key ? findMovedOutput(step.directory, previous.outputs) : undefined;
}

/** Restores the step from the cache, if the cache has it whole. */
export async function restoreStep(task: SettleTask, context: SettleContext): Promise<SettledStep | undefined> {
  context.signal.throwIfAborted();
  const { step } = task;
  const hit = await findHit(task, context);
  if (hit === undefined || !(await hit.restore(step.directory))) return undefined;
  return { outcome: 'restored', tier: hit.tier, reason: reasonOf(task, context), ...keptResult(task, hit.entry) };
}

async function findHit({ step, print }: SettleTask, context: SettleContext): Promise<CacheHit | undefined> {
  if (context.force || step.cache === 'off') return undefined;
  try {
    return await context.cache.lookup(print.key, step.name);
  } catch (error) {
    const message = `Cannot look in the cache: ${error instanceof Error ? error.message : String(error)}`;
    context.onEvent({ type: 'warning', step: step.name, message });
    return undefined;
  }
}

/** Runs the step and stores what it gave. Rejects with what the step throws. */
export async function runStep(task: SettleTask, context: SettleContext): Promise<SettledStep> {
  const { step, print, outputOf } = task;
  const { now, signal, recheck, onEvent } = context;
  signal.throwIfAborted();
  const begun = now();
  const result = await step.run({ signal, needs: visibleOutputs(step, outputOf) });
  const duration = now() - begun;
  signal.throwIfAborted();
  const unchanged = await isUnchanged(step, recheck);
  const cache = unchanged && step.cache !== 'off' ? context.cache : emptyCache({ now });
  const { files: paths, value } = result;
  const entry = await cache.store({
    key: print.key,
    step: step.name,
    directory: step.directory,
    paths,
    value,
    duration,
    producer: { generator: print.components.generator ?? '', format: step.version },
  });
  const ran = { outcome: 'ran', reason: reasonOf(task, context) } as const;
  if (unchanged) return { ...ran, ...keptResult(task, entry) };
  onEvent({ type: 'warning', step: step.name, message: 'What it reads was changed while it ran: it will run again' });
  return { ...ran, ...keptResult({ ...task, print: { ...print, key: outdatedKey(print.key) } }, entry) };
}

function reasonOf({ step, print, previous, moved }: SettleTask, { force }: SettleContext): string {
  return changeReason(step, print, { previous, force, moved });
}

/** A file that cannot be looked at again, because it is gone, has changed as well. */
async function isUnchanged({ inputs }: Step, recheck: SettleContext['recheck']): Promise<boolean> {
  try {
    return inputs.files === undefined || (await recheck(inputs.files));
  } catch {
    return false;
  }
}

/** What the next build and the dependents of this one are told of a step that was restored or ran. */
function keptResult(
  { step, print, read }: SettleTask,
  entry: CacheEntry,
): Pick<SettledStep, 'output' | 'state' | 'digests'> {
  const paths = entry.files.map(({ path }) => path);
  const outputs = readOutputFacts(step.directory, paths);
  const { output, value, duration } = entry;
  const { key, components } = print;
  const state: StepState = { key, components, read, output, value, duration, outputs };
  const digests = entry.files.map(({ digest }) => digest);
  return { state, digests, output: { digest: output, directory: step.directory, files: paths, value } };
}

/** Files and value stay as they were read, unparsed, until somebody asks for them. */
export function openOutput(directory: string, state: StepState): StepOutput {
  return {
    digest: state.output,
    directory,
    get files() {
      return state.outputs.map(({ path }) => path);
    },
    get value() {
      return state.value;
    },
  };
}
