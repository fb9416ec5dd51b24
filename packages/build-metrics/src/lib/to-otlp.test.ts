import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { largeRecord, sample } from '../../test/sample-record.ts';
import { toOtlp } from './to-otlp.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

const body = JSON.parse(JSON.stringify(toOtlp(sample)));
const spans: readonly Span[] = body.resourceSpans[0].scopeSpans[0].spans;
const attribute = (span: Span | undefined, key: string) => span?.attributes.find((each) => each.key === key)?.value;

describe('toOtlp', () => {
  it('gives one trace: the run, its steps below it, parts below their steps', () => {
    const [run, plan, bundle, parse] = spans;
    expect(spans).toHaveLength(6);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([run?.traceId]));
    expect(run?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(6);
    for (const { spanId } of spans) expect(spanId).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
    expect([run?.parentSpanId, plan?.parentSpanId, parse?.parentSpanId]).toEqual([
      undefined,
      run?.spanId,
      bundle?.spanId,
    ]);
  });

  it('gives thousands of spans an id of their own each', () => {
    const { resourceSpans } = JSON.parse(JSON.stringify(toOtlp(largeRecord(10_000))));
    const ids = resourceSpans[0].scopeSpans[0].spans.map((span: Span) => span.spanId);
    expect(new Set(ids).size).toBe(10_001);
  });

  it('names things as the conventions for CI/CD do', () => {
    const [run, , bundle] = spans;
    expect(run?.name).toBe('BUILD site');
    expect(attribute(run, 'cicd.pipeline.name')).toEqual({ stringValue: 'site' });
    expect(attribute(run, 'cicd.pipeline.run.id')).toEqual({ stringValue: 'b1' });
    expect(attribute(run, 'cicd.pipeline.result')).toEqual({ stringValue: 'failure' });
    expect(attribute(bundle, 'cicd.pipeline.task.name')).toEqual({ stringValue: 'bundle:a' });
    expect(attribute(bundle, 'cicd.pipeline.task.run.result')).toEqual({ stringValue: 'success' });
    expect(attribute(bundle, 'build.step.queued_ms')).toEqual({ doubleValue: 20 });
    expect(run?.status).toEqual({ code: 2 });
    expect(attribute(run, 'error.type')).toEqual({ stringValue: '_OTHER' });
    expect(attribute(bundle, 'error.type')).toBeUndefined();
    expect(spans.map(({ kind }) => kind)).toEqual([2, 1, 1, 1, 1, 1]);
  });

  it('is taken by a receiver that reads it as the OTLP mapping of JSON says', async () => {
    const received: Span[] = [];
    const receiver = createServer(async (request, response) => {
      const posted = JSON.parse(await text(request));
      for (const { scopeSpans } of posted.resourceSpans) for (const scope of scopeSpans) received.push(...scope.spans);
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    const address = receiver.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: 'POST',
      headers,
      body: JSON.stringify(toOtlp(largeRecord(200))),
    });
    receiver.close();
    expect(answer.status).toBe(200);
    const ids = new Set(received.map(({ spanId }) => spanId));
    expect(received.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
    for (const { parentSpanId, startTimeUnixNano, endTimeUnixNano, attributes } of received) {
      expect(parentSpanId === undefined || ids.has(parentSpanId)).toBe(true);
      expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
      for (const { key, value } of attributes)
        expect([key, Object.keys(value)]).toEqual([key, [expect.stringMatching(/^(string|double)Value$/)]]);
    }
  });

  it('gives times in nanoseconds as text, and the same ids for the same build', () => {
    expect(spans[2]?.startTimeUnixNano).toBe('1795000000100000000');
    expect(spans[2]?.endTimeUnixNano).toBe('1795000000400000000');
    expect(toOtlp(sample)).toEqual(toOtlp(sample));
  });
});
