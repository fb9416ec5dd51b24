import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import {
  createRecorder,
  type Journal,
  machineBetween,
  openJournal,
  readMachine,
  type SpanHandle,
  writeRecord,
} from '@mcpgen/build-metrics';
import type { BuildEvent } from '@mcpgen/build-optimizer';
import { version } from '../version.ts';
import type { BuildRequest } from './build-request.ts';

/** Measures one build and keeps its record, whether the build succeeds or not. */
export interface BuildMeasure {
  /** A part of the build that is no step. */
  phase<T>(name: string, work: () => T | Promise<T>): Promise<T>;
  /** The steps: each is recorded as it finishes. */
  steps<T>(work: (onEvent: (event: BuildEvent) => void) => Promise<T>): Promise<T>;
  /** The end of the record. A build that was interrupted is kept as one. */
  keep(ended: 'succeeded' | 'failed'): Promise<void>;
}

export function measureBuild(request: BuildRequest): BuildMeasure {
  const { context, paths, onEvent } = request;
  const facts = factsOf(request);
  const journal = journalOf(request, facts);
  const before = readMachine({ now: context.elapsed });
  const recorder = createRecorder({ now: context.elapsed, cpu: cpuTime, ...(journal !== undefined && { journal }) });
  const running = new Map<string, SpanHandle>();
  // Steps that no other step needed: the publication waits for them, as each step waits for the plan.
  const last = new Set<string>();
  const phases: string[] = [];
  const record = (event: BuildEvent, offset: number): void => {
    if (event.type === 'started') running.set(event.step, recorder.start(event.step));
    if (event.type === 'failed') recorder.end(running.get(event.step) ?? -1, { outcome: 'failed' });
    if (event.type !== 'finished') return;
    const report = event.report.needs.length > 0 ? event.report : { ...event.report, needs: phases.slice(-1) };
    for (const need of report.needs) last.delete(need);
    last.add(report.name);
    const span = running.get(report.name);
    if (span === undefined) recorder.add({ ...report, start: report.start + offset });
    else recorder.end(span, report);
  };
  return {
    phase: (name, work) => {
      const needs = last.size > 0 ? [...last] : phases.slice(-1);
      // A plan of the edit alone may find that the whole must be planned: two phases of one name.
      const before = phases.filter((phase) => phase.split(':')[0] === name).length;
      const span = before === 0 ? name : `${name}:${before + 1}`;
      phases.push(span);
      return recorder.measure(span, work, { needs });
    },
    steps: (work) => {
      const offset = recorder.elapsed();
      return work((event) => {
        record(event, offset);
        onEvent(event);
      });
    },
    keep: async (ended) => {
      const machine = machineBetween(before, readMachine({ now: context.elapsed }));
      const outcome = context.signal.aborted ? 'cancelled' : ended;
      const whole = recorder.record({ ...facts, outcome, machine });
      journal?.close();
      try {
        await writeRecord(paths.history, whole);
      } catch (error) {
        onEvent({ type: 'warning', message: error instanceof Error ? error.message : String(error) });
      }
    },
  };
}

function factsOf({ context, settings }: BuildRequest) {
  return {
    id: randomUUID(),
    name: basename(settings.directory),
    started: context.now(),
    concurrency: settings.concurrency,
    labels: { profile: settings.profile.name, version, node: process.version },
  };
}

/** Without it, a build that is killed leaves no record: no reason not to build. */
function journalOf({ paths }: BuildRequest, facts: ReturnType<typeof factsOf>): Journal | undefined {
  try {
    return openJournal(paths.history, facts);
  } catch {
    return undefined;
  }
}

function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
