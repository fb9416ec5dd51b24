import type { BuildRecord, SpanRecord } from './build-record.ts';

/** The body of a POST to `/v1/traces` of a collector, as JSON. https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
export interface OtlpTraces {
  readonly resourceSpans: readonly object[];
}

/** `SpanKind`, as the conventions want it: of the run and of its tasks. */
const SERVER = 2;
const INTERNAL = 1;

/** What the conventions have for an error without a class of its own. */
const OTHER_ERROR = '_OTHER';

/**
 * A build as OpenTelemetry trace, with the semantic conventions for CI/CD: one span for the run, one for each step and part.
 * Ids are made of the record's own, so that a build that is sent twice is the same trace.
 * https://opentelemetry.io/docs/specs/semconv/cicd/cicd-spans/
 */
export function toOtlp(record: BuildRecord): OtlpTraces {
  const { id, name, started, duration, outcome, concurrency, labels, spans } = record;
  const traceId = hex(id, 4);
  const run = hex(`${id}/run`, 2);
  const idAt = (position: number): string => hex(`${id}/${position}`, 2);
  const common = { traceId, kind: INTERNAL };
  const nanoseconds = (at: number): string => String(BigInt(Math.round((started + at) * 1000)) * 1000n);
  const root = {
    traceId,
    kind: SERVER,
    spanId: run,
    name: `BUILD ${name}`,
    startTimeUnixNano: nanoseconds(0),
    endTimeUnixNano: nanoseconds(duration),
    status: { code: outcome === 'succeeded' ? 1 : 2 },
    attributes: attributes({
      'cicd.pipeline.name': name,
      'cicd.pipeline.action.name': 'BUILD',
      'cicd.pipeline.run.id': id,
      'cicd.pipeline.result': { succeeded: 'success', failed: 'failure', cancelled: 'cancellation' }[outcome],
      'error.type': outcome === 'failed' ? OTHER_ERROR : undefined,
      'build.concurrency': concurrency,
      ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`build.label.${key}`, value])),
    }),
  };
  const all = spans.map((span, position) => ({
    ...common,
    spanId: idAt(position),
    parentSpanId: span.parent === undefined ? run : idAt(span.parent),
    name: span.name,
    startTimeUnixNano: nanoseconds(span.start),
    endTimeUnixNano: nanoseconds(span.end),
    status: { code: span.outcome === 'failed' || span.outcome === 'cancelled' ? 2 : 1 },
    attributes: attributes(stepAttributes(span, idAt(position))),
  }));
  const resource = { attributes: attributes({ 'service.name': name }) };
  return {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: '@mcpgen/build-metrics' }, spans: [root, ...all] }] }],
  };
}

function stepAttributes(span: SpanRecord, runId: string): Readonly<Record<string, string | number | undefined>> {
  const { name, kind, outcome, queued, saved, tier, bytes, cpu, reason } = span;
  const results = { ran: 'success', restored: 'success', fresh: 'skip', failed: 'failure', cancelled: 'cancellation' };
  return {
    'cicd.pipeline.task.name': name,
    'cicd.pipeline.task.run.id': runId,
    'cicd.pipeline.task.run.result': results[outcome],
    'error.type': outcome === 'failed' ? OTHER_ERROR : undefined,
    'build.step.kind': kind,
    'build.step.outcome': outcome,
    'build.step.queued_ms': queued,
    'build.step.saved_ms': saved,
    'build.step.cache_tier': tier,
    'build.step.bytes': bytes,
    'build.step.cpu_ms': cpu,
    'build.step.reason': reason,
  };
}

function attributes(values: Readonly<Record<string, string | number | undefined>>): readonly object[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'number' ? { doubleValue: value } : { stringValue: value } }];
  });
}

/** So many times eight hexadecimal digits of a text, never all zero. */
function hex(text: string, words: number): string {
  return Array.from({ length: words }, (_, word) => {
    let hash = 0x811c9dc5 ^ (word * 0x9e3779b1);
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    return (((hash ^ (hash >>> 15)) | 1) >>> 0).toString(16).padStart(8, '0');
  }).join('');
}
