import type { RecordableHistogram } from 'node:perf_hooks';
import type { Handler, HandlerContext } from './handler.ts';

export interface LatencyOptions {
  /** From `createHistogram()` of `node:perf_hooks`; durations are recorded in microseconds, answers and failures alike. */
  readonly histogram: RecordableHistogram;
  /** A monotonic clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/** What a histogram of `measureLatency` says, in milliseconds. All zero while nothing was recorded. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Records how long each call takes. */
export function measureLatency<Input, Output, Context extends HandlerContext>(
  handler: Handler<Input, Output, Context>,
  { histogram, now = () => performance.now() }: LatencyOptions,
): Handler<Input, Output, Context> {
  return async (input, context) => {
    const started = now();
    try {
      return await handler(input, context);
    } finally {
      histogram.record(Math.max(1, Math.round((now() - started) * 1000))); // a histogram refuses 0
    }
  };
}

export function summarizeLatency(histogram: RecordableHistogram): LatencySummary {
  const { count } = histogram;
  if (count === 0) return { count, mean: 0, p50: 0, p99: 0, max: 0 };
  return {
    count,
    mean: histogram.mean / 1000,
    p50: histogram.percentile(50) / 1000,
    p99: histogram.percentile(99) / 1000,
    max: histogram.max / 1000,
  };
}
