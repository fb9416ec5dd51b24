import { spanFacts } from './assemble-record.ts';
import type { BuildRecord, SpanRecord } from './build-record.ts';
import type { BuildFacts, OpenSpan } from './create-recorder.ts';
import { recordInvalid } from './errors.ts';
import { parseRecord } from './parse-record.ts';

// {"version":1,"journal":{"id":"4f1c…","name":"my-site","started":1795384800000,"concurrency":2,"labels":{}}}
// {"span":0,"name":"template","kind":"template","start":0.2}
// {"span":0,"name":"template","kind":"template","start":0.2,"end":3.1,"outcome":"ran"}
// {"span":2,"parent":1,"name":"compress", …

/** The first line of a journal. */
export function headLine({ id, name, started, concurrency, labels = {}, machine }: BuildFacts): string {
  return line({ version: 1, journal: { id, name, started, concurrency, labels, machine } });
}

export function beganLine(handle: number, span: OpenSpan): string {
  const { end, outcome, ...facts } = spanFacts(span, 0);
  return line({ span: handle, parent: span.options.parent, ...facts });
}

export function endedLine(handle: number, span: OpenSpan, end: number): string {
  return line({ span: handle, parent: span.options.parent, ...spanFacts(span, end) });
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

export interface JournalReading {
  readonly record: BuildRecord;
  readonly skipped: readonly { readonly line: number; readonly reason: string }[];
}

/** Whether this is the first line of a journal, not a record. */
export function isJournalHead(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'journal' in value;
}

/**
 * The record of a build that did not come to its end, from the lines it left: cancelled, and so is what was running. Lines
 * that cannot be read cost what they say and no more.
 *
 * @throws MetricsError RECORD_INVALID, RECORD_VERSION when the first line is not the head of a journal.
 */
export function readJournal(lines: readonly string[]): JournalReading {
  const skipped: { line: number; reason: string }[] = [];
  const spans = new Map<number, JournalSpan>();
  const [first = '', ...rest] = lines;
  const head = parseHead(JSON.parse(first));
  rest.forEach((text, index) => {
    if (text === '') return;
    try {
      const span = parseSpan(JSON.parse(text));
      // What is known of its end is never taken back by a line of its beginning.
      if (span.end !== undefined || spans.get(span.span)?.end === undefined) spans.set(span.span, span);
    } catch (error) {
      skipped.push({ line: index + 2, reason: error instanceof Error ? error.message : String(error) });
    }
  });
  return { record: cancelledRecord(head, [...spans.values()]), skipped };
}

interface JournalSpan extends Omit<SpanRecord, 'end' | 'outcome' | 'parent'> {
  readonly span: number;
  readonly parent?: number;
  readonly end?: number;
  readonly outcome?: SpanRecord['outcome'];
}

function cancelledRecord(head: BuildRecord, spans: readonly JournalSpan[]): BuildRecord {
  const known = new Set(spans.map(({ span }) => span));
  // A part whose step was lost with a damaged line would look like a step.
  const kept = spans.filter(({ parent }) => parent === undefined || known.has(parent));
  const ordered = kept.sort((a, b) => a.start - b.start || a.span - b.span);
  const positions = new Map(ordered.map(({ span }, position) => [span, position]));
  const duration = Math.max(0, ...ordered.map(({ start, end = 0 }) => Math.max(start, end)));
  return {
    ...head,
    duration,
    spans: ordered.map(({ span, parent, end = duration, outcome = 'cancelled', ...facts }) => {
      const position = parent === undefined ? undefined : positions.get(parent);
      return { ...facts, end, outcome, ...(position !== undefined && { parent: position }) };
    }),
  };
}

/** Checked as what it is the beginning of: a record without spans. */
function parseHead(value: { readonly version?: unknown; readonly journal?: object }): BuildRecord {
  return parseRecord({ ...value.journal, version: value.version, duration: 0, outcome: 'cancelled', spans: [] });
}

/** Checked as the only span of a record. */
function parseSpan(value: unknown): JournalSpan {
  const span = value as JournalSpan;
  if (!Number.isInteger(span?.span)) throw recordInvalid('span', 'a whole number');
  const { start = 0, end = start, outcome = 'cancelled' } = span;
  parseRecord({ ...emptyRecord, spans: [{ ...span, end, outcome }] });
  return span;
}

const emptyRecord: BuildRecord = {
  version: 1,
  id: '',
  name: '',
  started: 0,
  duration: 0,
  outcome: 'cancelled',
  concurrency: 1,
  labels: {},
  spans: [],
};
