import { describe, expect, it } from 'vitest';
import { refuse } from '../protocol/answer.ts';
import { metricsText } from './metrics-text.ts';
import { ServerMetrics } from './server-metrics.ts';

function counted(): ServerMetrics {
  let now = 0;
  const metrics = new ServerMetrics(() => now);
  for (const took of [0, 1, 3, 100_000]) {
    now = took;
    metrics.called('echo', 0);
  }
  metrics.problem('echo', 'failed');
  metrics.problem('echo', 'timedOut');
  return metrics;
}

describe('ServerMetrics', () => {
  it('counts calls by tool, by how long they took and by what became of them', () => {
    const { tools } = counted().snapshot();
    const counts = [2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    expect(tools.echo).toEqual({
      calls: 4,
      failed: 1,
      invalid: 0,
      timedOut: 1,
      cancelled: 0,
      latency: { sum: 100_004, counts },
    });
  });

  it('counts refusals by their code, those that come later too', async () => {
    const metrics = new ServerMetrics();
    const later = Promise.resolve(refuse(1, 404, -32601, 'no'));
    for (const answer of [refuse(1, 400, -32600, 'no'), refuse(2, 400, -32600, 'no'), 'fine', undefined, later]) {
      metrics.watch(answer);
    }
    await later;
    expect(metrics.snapshot().refused).toEqual({ '-32600': 2, '-32601': 1 });
  });
});

describe('metricsText', () => {
  it('writes what Prometheus reads: buckets that add up, labels in quotes', () => {
    const metrics = counted();
    metrics.called('a"b\\c', 0);
    metrics.watch(refuse(1, 404, -32601, 'no'));
    const lines = metricsText(metrics.snapshot()).split('\n');
    expect(lines).toContain('mcp_tool_call_duration_seconds_bucket{tool="echo",le="0.001"} 2');
    expect(lines).toContain('mcp_tool_call_duration_seconds_bucket{tool="echo",le="60"} 3');
    expect(lines).toContain('mcp_tool_call_duration_seconds_bucket{tool="echo",le="+Inf"} 4');
    expect(lines).toContain('mcp_tool_call_duration_seconds_sum{tool="echo"} 100.004');
    expect(lines).toContain('mcp_tool_call_duration_seconds_count{tool="a\\"b\\\\c"} 1');
    expect(lines).toContain('mcp_tool_call_problems_total{tool="echo",problem="timed_out"} 1');
    expect(lines).toContain('mcp_refused_requests_total{code="-32601"} 1');
    expect(lines.at(-1)).toBe('');
  });
});
