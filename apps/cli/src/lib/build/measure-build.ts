import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { createRecorder, writeRecord } from '@mcpgen/build-metrics';
import type { BuildEvent } from '@mcpgen/build-optimizer';
import { version } from '../version.ts';
import type { BuildRequest } from './build-request.ts';

/** Measures one build and keeps its record, whether the build succeeds or not. */
export interface BuildMeasure {
  /** A part of the build that is no step. */
  phase<T>(name: string, work: () => T | Promise<T>): Promise<T>;
  /** The steps: each is recorded as it finishes. */
  steps<T>(work: (onEvent: (event: BuildEvent) => void) => Promise<T>): Promise<T>;
  keep(): Promise<void>;
}

export function measureBuild({ context, settings, paths, onEvent }: BuildRequest): BuildMeasure {
  const recorder = createRecorder({ now: context.elapsed });
  const started = context.now();
  let outcome: 'succeeded' | 'failed' | 'cancelled' = 'failed';
  return {
    phase: async (name, work) => {
      const result = await recorder.measure(name, work);
      // The last phase that ends well is the end of a build that did.
      outcome = name === 'publish' ? 'succeeded' : outcome;
      return result;
    },
    steps: (work) => {
      const offset = recorder.elapsed();
      return work((event) => {
        if (event.type === 'finished') recorder.add({ ...event.report, start: event.report.start + offset });
        onEvent(event);
      });
    },
    keep: async () => {
      const record = recorder.record({
        id: randomUUID(),
        name: basename(settings.directory),
        started,
        concurrency: settings.concurrency,
        outcome: context.signal.aborted ? 'cancelled' : outcome,
        labels: { profile: settings.profile.name, version, node: process.version },
      });
      try {
        await writeRecord(paths.history, record);
      } catch (error) {
        onEvent({ type: 'warning', message: error instanceof Error ? error.message : String(error) });
      }
    },
  };
}
