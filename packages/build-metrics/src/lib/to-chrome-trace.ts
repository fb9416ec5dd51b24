import { assignRows } from './assign-rows.ts';
import type { BuildRecord, SpanRecord } from './build-record.ts';

/**
 * A trace in the format that chrome://tracing and Perfetto open. Times in it are microseconds.
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly traceEvents: readonly ChromeTraceEvent[];
}

export interface ChromeTraceEvent {
  /** `X` complete, `M` metadata, `s` and `f` the ends of an arrow. */
  readonly ph: 'X' | 'M' | 's' | 'f';
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Draws a build: a row for each step that ran at the same time, parts inside their steps, an arrow for each need. */
export function toChromeTrace(record: BuildRecord): ChromeTrace {
  const rows = assignRows(record.spans);
  const spans = record.spans.map((span, position): ChromeTraceEvent => {
    const { name, kind, start, end, outcome, queued, saved, tier, bytes, cpu, reason } = span;
    const args = { outcome, reason, queued, saved, tier, bytes, cpu };
    return {
      ph: 'X',
      name,
      cat: kind,
      pid: 1,
      tid: rowAt(rows, position),
      ts: us(start),
      dur: us(end) - us(start),
      args,
    };
  });
  return { displayTimeUnit: 'ms', traceEvents: [...metadata(record, rows), ...spans, ...arrows(record.spans, rows)] };
}

function metadata(record: BuildRecord, rows: Int32Array): readonly ChromeTraceEvent[] {
  const names = [...new Set(rows)]
    .sort((a, b) => a - b)
    .map((tid): ChromeTraceEvent => ({ ph: 'M', name: 'thread_name', pid: 1, tid, args: { name: `worker ${tid}` } }));
  return [{ ph: 'M', name: 'process_name', pid: 1, tid: 0, args: { name: record.name } }, ...names];
}

/** An arrow belongs to the bar that its time lies in, and a bar's own end is outside it. */
function arrows(spans: readonly SpanRecord[], rows: Int32Array): readonly ChromeTraceEvent[] {
  const positions = new Map(spans.map(({ name, parent }, at) => [parent === undefined ? name : '', at]));
  const events: ChromeTraceEvent[] = [];
  spans.forEach(({ needs = [], start }, position) => {
    for (const need of needs) {
      const from = positions.get(need) ?? -1;
      const source = spans[from];
      if (source === undefined) continue;
      const common = { name: 'needs', cat: 'needs', pid: 1, id: events.length };
      const inside = Math.max(us(source.start), us(source.end) - 1);
      events.push({ ...common, ph: 's', tid: rowAt(rows, from), ts: inside });
      events.push({ ...common, ph: 'f', bp: 'e', tid: rowAt(rows, position), ts: us(start) });
    }
  });
  return events;
}

function rowAt(rows: Int32Array, position: number): number {
  return rows[position] ?? 0;
}

/** Whole microseconds: viewers add start and duration, and fractions would let neighbours overlap. */
function us(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}
