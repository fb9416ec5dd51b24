import { setMaxListeners } from 'node:events';
import type { BuildProgress } from './build-progress.ts';
import { createGate } from './create-gate.ts';
import type { StepDriver } from './drive-steps.ts';
import type { RunOptions } from './run-plan.ts';
import {
  findMoved,
  restoreStep,
  runStep,
  type SettleContext,
  type SettledStep,
  type SettleTask,
  settleFresh,
} from './settle-step.ts';
import type { Step, StepReport } from './step.ts';
import { stepPrint } from './step-fingerprint.ts';

/** One run of a plan. */
export interface Run {
  readonly options: RunOptions;
  readonly progress: BuildProgress;
  /** When the build began, by `options.now`. */
  readonly began: number;
}

/** Milliseconds, as reports have them. */
type StepTimes = Pick<StepReport, 'start' | 'duration' | 'queued'>;

interface Waiting {
  readonly task: SettleTask;
  readonly since: number;
}

/** What the scheduler's words mean for these steps: fresh ones are done on arrival, the others are settled when they start. */
export function createStepDriver(steps: readonly Step[], run: Run): StepDriver {
  const { options, progress, began } = run;
  const { now, onEvent, signal, force = false } = options;
  const controller = new AbortController();
  const context = settleContext(options, controller.signal);
  const waiting = new Map<number, Waiting>();
  // Steps of no slots may be thousands: what they restore at a time is bounded, and timed by itself.
  const restores = createGate(options.concurrency);

  const finish = (position: number, settled: SettledStep, times: StepTimes) => {
    const report = reportOf(stepAt(steps, position), settled, times);
    progress.add(settled, report);
    onEvent?.({ type: 'finished', report });
  };
  return {
    signal,
    fail(position, error) {
      controller.abort(error);
      onEvent?.({ type: 'failed', step: stepAt(steps, position).name, error });
    },
    arrive(position) {
      const start = now() - began;
      const task = openTask(stepAt(steps, position), run);
      const settled = force ? undefined : settleFresh(task);
      const end = now() - began;
      if (settled === undefined) {
        waiting.set(position, { task: { ...task, moved: findMoved(task) }, since: end });
        if (!force && task.step.cache !== 'off') options.cache.expect?.(task.print.key);
      } else finish(position, settled, { start, duration: end - start, queued: 0 });
      return settled !== undefined;
    },
    async start(position) {
      const { task, since } = waitingAt(waiting, position);
      let start = 0;
      const restored = await restores.pass(() => {
        start = now() - began;
        onEvent?.({ type: 'started', step: task.step.name });
        return restoreStep(task, context);
      });
      const settled = restored ?? (await runStep(task, context));
      finish(position, settled, { start, duration: now() - began - start, queued: start - since });
    },
  };
}

function settleContext(options: RunOptions, failed: AbortSignal): SettleContext {
  const { cache, now, signal, onEvent = () => {}, recheck = () => true, force = false } = options;
  const either = signal === undefined ? failed : AbortSignal.any([signal, failed]);
  // Every running step may listen: as many as there are slots, and more.
  setMaxListeners(0, either);
  return { cache, now, signal: either, onEvent, recheck, force };
}

function openTask(step: Step, { options, progress }: Run): Omit<SettleTask, 'moved'> {
  const previous = options.state.get(step.name);
  const { output: outputOf } = progress;
  const generator = options.generatorVersion;
  const { fingerprint: print, read } = stepPrint(step, { outputOf, generator, lastRead: previous?.read });
  return { step, print, read, previous, outputOf };
}

function reportOf({ name, needs, after = [], slots }: Step, settled: SettledStep, times: StepTimes): StepReport {
  const { outcome, tier, reason, state } = settled;
  const { start, duration, queued } = times;
  const saved = outcome === 'ran' ? 0 : Math.max(0, state.duration - duration);
  const before = after.length === 0 ? needs : [...needs, ...after];
  const report = { name, outcome, reason, start, duration, queued, saved, needs: before };
  return { ...report, ...(tier !== undefined && { tier }), ...(slots !== undefined && { slots }) };
}

function stepAt(steps: readonly Step[], position: number): Step {
  const step = steps[position];
  if (step === undefined) throw new RangeError(`there is no step ${position}`);
  return step;
}

function waitingAt(waiting: Map<number, Waiting>, position: number): Waiting {
  const found = waiting.get(position);
  if (found === undefined) throw new RangeError(`step ${position} does not wait`);
  waiting.delete(position);
  return found;
}
