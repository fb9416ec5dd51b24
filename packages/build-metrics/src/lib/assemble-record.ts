import type { BuildRecord, SpanRecord } from './build-record.ts';
import type { BuildFacts, OpenSpan } from './create-recorder.ts';

/** Makes the record of spans of which some may not have ended: they end at `duration`, as cancelled. */
export function assembleRecord(spans: readonly OpenSpan[], duration: number, facts: BuildFacts): BuildRecord {
  const { id, name, started, concurrency, outcome = 'succeeded', labels = {}, machine, sizes } = facts;
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
    ...(machine !== undefined && { machine }),
    spans: order.flatMap((handle) => {
      const span = spans[handle];
      return span === undefined ? [] : [spanRecord(span, duration, positions)];
    }),
    ...(sizes !== undefined && { sizes }),
  };
}

function spanRecord(span: OpenSpan, now: number, positions: Int32Array): SpanRecord {
  const { parent } = span.options;
  const position = parent === undefined ? undefined : positions[parent];
  const { name, kind, start, end, outcome, ...facts } = spanFacts(span, span.end ?? now);
  // In this order, in which people read them.
  return { name, kind, start, end, outcome, ...(position !== undefined && { parent: position }), ...facts };
}

/** All of a span but its place among the others. Leaves out what is not known, so that thousands of spans stay small. */
export function spanFacts(span: OpenSpan, end: number): Omit<SpanRecord, 'parent'> {
  const { name, start, options, result } = span;
  const { kind = kindOf(name) } = options;
  const { needs = options.needs, queued = options.queued, slots = options.slots } = result;
  const { saved, tier, bytes, read, cpu = span.end === undefined ? undefined : span.cpu, reason } = result;
  return {
    name,
    kind,
    start: round(start),
    end: round(end),
    outcome: result.outcome ?? (span.end === undefined ? 'cancelled' : 'ran'),
    ...(needs !== undefined && needs.length > 0 && { needs }),
    ...(queued !== undefined && queued > 0 && { queued: round(queued) }),
    ...(slots !== undefined && slots !== 1 && { slots }),
    ...(saved !== undefined && saved > 0 && { saved: round(saved) }),
    ...(tier !== undefined && { tier }),
    ...(bytes !== undefined && { bytes }),
    ...(read !== undefined && { read }),
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
