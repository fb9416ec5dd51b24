import { assembleRecord } from './assemble-record.ts';
import type { BuildOutcome, BuildRecord, MachineFacts, SizeRecord, SpanOutcome } from './build-record.ts';
import { beganLine, endedLine } from './journal-lines.ts';

export interface RecorderOptions {
  /** A clock in milliseconds that never goes back, such as `performance.now`. The build begins when the recorder is made. */
  readonly now: () => number;
  /**
   * CPU time of the whole process in milliseconds. With it each step is given its share: what the process used while the
   * step ran, divided by the steps that ran then. Read at most once a millisecond: what steps used within one is given to
   * those that run at its end.
   */
  readonly cpu?: () => number;
  /** Keeps what is recorded while the build runs, so that one that is killed leaves it behind: `openJournal`. */
  readonly journal?: SpanJournal;
}

/** Takes lines of a journal, each ended by a line break. */
export interface SpanJournal {
  append(lines: string): void;
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
  /** Slots it takes; 1 by default. */
  readonly slots?: number;
}

/** What is known of a span only at its end may be told there, its needs among them. */
export interface SpanEnd extends Pick<SpanStart, 'needs' | 'queued' | 'slots'> {
  /** `ran` by default. */
  readonly outcome?: SpanOutcome;
  readonly saved?: number;
  readonly tier?: string;
  readonly bytes?: number;
  readonly read?: number;
  /** Milliseconds; the step's share of the recorder's `cpu` by default. */
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
  readonly machine?: MachineFacts;
  readonly sizes?: readonly SizeRecord[];
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

/** A span as it is kept while the build runs. */
export interface OpenSpan {
  readonly name: string;
  readonly start: number;
  end: number | undefined;
  readonly options: SpanStart;
  result: SpanEnd;
  /** The step's share of CPU time; while it runs, less what steps of that moment had each been given. */
  cpu: number | undefined;
}

/** Starts the measurement of one build. */
export function createRecorder({ now, cpu, journal }: RecorderOptions): Recorder {
  const origin = now();
  const spans: OpenSpan[] = [];
  const share = cpu === undefined ? undefined : shareCpu(cpu);
  const note = journal === undefined ? undefined : noteSpans(spans, journal);

  const start = (name: string, options: SpanStart = none) => {
    const time = now() - origin;
    const used = share !== undefined && options.parent === undefined ? -share(1, time) : undefined;
    const handle = spans.push({ name, start: time, end: undefined, options, result: none, cpu: used }) - 1;
    if (note !== undefined) note(handle, time);
    return handle;
  };
  const end = (handle: SpanHandle, result: SpanEnd = none) => {
    const span = spans[handle];
    if (span === undefined || span.end !== undefined) return;
    const time = now() - origin;
    span.end = time;
    span.result = result;
    if (share !== undefined && span.cpu !== undefined) span.cpu += share(-1, time);
    if (note !== undefined) note(handle, time);
  };
  return {
    start,
    end,
    elapsed: () => now() - origin,
    add(span) {
      const { name, start: begun, duration } = span;
      const ended = { name, start: begun, end: begun + duration, options: span, result: span, cpu: undefined };
      const handle = spans.push(ended) - 1;
      if (note !== undefined) note(handle, now() - origin);
      return handle;
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

/** A journal is written to at most once in so many milliseconds, however many steps end. */
const TOGETHER = 100;

/**
 * Lines are made only when they are written, outside the time of what is measured: at once after a quiet time, since the
 * step that begins may keep the process from anything else, and else with all that comes soon after.
 */
function noteSpans(spans: readonly OpenSpan[], journal: SpanJournal): (handle: SpanHandle, time: number) => void {
  const noted = new Set<SpanHandle>();
  let written = -TOGETHER;
  let waiting = false;
  const write = () => {
    waiting = false;
    const lines = [...noted].map((handle) => lineOf(handle, spans[handle]));
    noted.clear();
    journal.append(lines.join(''));
  };
  return (handle, time) => {
    noted.add(handle);
    if (waiting) return;
    if (time - written >= TOGETHER) write();
    else {
      waiting = true;
      setTimeout(write, TOGETHER).unref();
    }
    written = time;
  };
}

function lineOf(handle: SpanHandle, span: OpenSpan | undefined): string {
  if (span === undefined) return '';
  return span.end === undefined ? beganLine(handle, span) : endedLine(handle, span, span.end);
}

/** Readings of the CPU time are this far apart: a reading costs ten times as much as the rest of a span. */
const APART = 1;

/**
 * Gives the CPU time that each of the running steps has had so far, and counts one more or one less from now on. A step's
 * share is what this gives at its end less what it gave at its start.
 */
function shareCpu(cpu: () => number): (steps: 1 | -1, time: number) => number {
  let each = 0;
  let last = cpu();
  let read = 0;
  let running = 0;
  return (steps, time) => {
    if (time - read >= APART) {
      const used = cpu();
      if (running > 0) each += (used - last) / running;
      last = used;
      read = time;
    }
    running += steps;
    return each;
  };
}
