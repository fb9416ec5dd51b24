import type { BuildOutcome, BuildRecord, SpanOutcome, SpanRecord } from './build-record.ts';

export interface RecorderOptions {
  /** A clock in milliseconds that never goes back, such as `performance.now`. The build begins when the recorder is made. */
  readonly now: () => number;
}

/** A span that has begun: what `start` gives and `end` takes. Opaque. */
export type SpanHandle = number;

export interface SpanStart {
  /** What sort of work it is; the part of the name before `:` by default. */
  readonly kind?: string;
  /** The span this one is a part of; without one it is a step. */
  readonly parent?: SpanHandle;
  readonly needs?: readonly string[];
  /** Milliseconds it waited for a slot before it began. */
  readonly queued?: number;
}

export interface SpanEnd {
  /** `ran` by default. */
  readonly outcome?: SpanOutcome;
  readonly saved?: number;
  readonly bytes?: number;
  readonly cpu?: number;
  readonly reason?: string;
}

/** A span that another part of the build measured: a step report of `@mcpgen/build-optimizer` is one. */
export interface FinishedSpan extends SpanStart, SpanEnd {
  readonly name: string;
  /** Milliseconds since the build began, by `elapsed`. */
  readonly start: number;
  /** Milliseconds, without waiting. */
  readonly duration: number;
}

export interface BuildFacts {
  readonly id: string;
  readonly name: string;
  /** When the recorder was made, in milliseconds since the epoch. */
  readonly started: number;
  readonly concurrency: number;
  /** `succeeded` by default. */
  readonly outcome?: BuildOutcome;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Collects spans in memory. Costs a clock reading and an object for each. */
export interface Recorder {
  start(name: string, options?: SpanStart): SpanHandle;
  /** Ends a span; the first end counts. */
  end(span: SpanHandle, result?: SpanEnd): void;
  /** Milliseconds since the build began. */
  elapsed(): number;
  /** Adds what was measured elsewhere. */
  add(span: FinishedSpan): SpanHandle;
  /** Runs `work` as a span; one that throws is recorded as failed and throws on. */
  measure<T>(name: string, work: (span: SpanHandle) => T | Promise<T>, options?: SpanStart): Promise<T>;
  /** The record so far. Spans that have not ended end now, as cancelled; the recorder goes on. */
  record(facts: BuildFacts): BuildRecord;
}

/** Starts the measurement of one build. */
export function createRecorder({ now }: RecorderOptions): Recorder {
  const origin = now();
  const spans: OpenSpan[] = [];

  const start = (name: string, options: SpanStart = none) =>
    spans.push({ name, start: now() - origin, end: undefined, options, result: none }) - 1;
  const end = (handle: SpanHandle, result: SpanEnd = none) => {
    const span = spans[handle];
    if (span === undefined || span.end !== undefined) return;
    span.end = now() - origin;
    span.result = result;
  };
  return {
    start,
    end,
    elapsed: () => now() - origin,
    add(span) {
      const { name, start: begun, duration } = span;
      return spans.push({ name, start: begun, end: begun + duration, options: span, result: span }) - 1;
    },
    async measure(name, work, options) {
      const span = start(name, options);
      try {
        const result = await work(span);
        end(span);
        return result;
      } catch (error) {
        end(span, { outcome: 'failed' });
        throw error;
      }
    },
    record: (facts) => assembleRecord(spans, now() - origin, facts),
  };
}

const none = {};

interface OpenSpan {
  readonly name: string;
  readonly start: number;
  end: number | undefined;
  readonly options: SpanStart;
  result: SpanEnd;
}

function assembleRecord(spans: readonly OpenSpan[], duration: number, facts: BuildFacts): BuildRecord {
  const { id, name, started, concurrency, outcome = 'succeeded', labels = {} } = facts;
  const order = [...spans.keys()].sort((a, b) => (spans[a]?.start ?? 0) - (spans[b]?.start ?? 0) || a - b);
  const positions = new Int32Array(spans.length);
  order.forEach((handle, position) => {
    positions[handle] = position;
  });
  return {
    version: 1,
    id,
    name,
    started,
    duration: round(duration),
    outcome,
    concurrency,
    labels,
    spans: order.flatMap((handle) => {
      const span = spans[handle];
      return span === undefined ? [] : [spanRecord(span, duration, positions)];
    }),
  };
}

/** Leaves out what is not known, so that a record of thousands of spans stays small. */
function spanRecord({ name, start, end, options, result }: OpenSpan, now: number, positions: Int32Array): SpanRecord {
  const { kind = kindOf(name), parent, needs, queued } = options;
  const { saved, bytes, cpu, reason } = result;
  const position = parent === undefined ? undefined : positions[parent];
  return {
    name,
    kind,
    start: round(start),
    end: round(end ?? now),
    outcome: result.outcome ?? (end === undefined ? 'cancelled' : 'ran'),
    ...(position !== undefined && { parent: position }),
    ...(needs !== undefined && needs.length > 0 && { needs }),
    ...(queued !== undefined && queued > 0 && { queued: round(queued) }),
    ...(saved !== undefined && saved > 0 && { saved: round(saved) }),
    ...(bytes !== undefined && { bytes }),
    ...(cpu !== undefined && { cpu: round(cpu) }),
    ...(reason !== undefined && { reason }),
  };
}

function kindOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(0, colon);
}

/** To the microsecond: the clock knows no more, and the digits are most of a record's size. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
