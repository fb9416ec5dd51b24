import { LATENCY_BOUNDS, type MetricsSnapshot, type ToolMetrics } from './server-metrics.ts';

/** Metrics in the text format of Prometheus, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function metricsText({ tools, refused }: MetricsSnapshot): string {
  const byTool = Object.entries(tools).sort(([a], [b]) => (a < b ? -1 : 1));
  const errors = Object.entries(refused).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '# HELP mcp_tool_call_duration_seconds How long calls of a tool took, however they ended.',
    '# TYPE mcp_tool_call_duration_seconds histogram',
    ...byTool.flatMap(([name, tool]) => histogram(label('tool', name), tool)),
    '# HELP mcp_tool_call_problems_total Calls of a tool that failed, had invalid arguments, timed out or were cancelled.',
    '# TYPE mcp_tool_call_problems_total counter',
    ...byTool.flatMap(([name, tool]) => problems(label('tool', name), tool)),
    '# HELP mcp_refused_requests_total Requests that were answered with a JSON-RPC error, by its code.',
    '# TYPE mcp_refused_requests_total counter',
    ...errors.map(([code, count]) => `mcp_refused_requests_total{${label('code', code)}} ${count}`),
    '',
  ].join('\n');
}

function histogram(tool: string, { calls, latency: { sum, counts } }: ToolMetrics): string[] {
  const name = 'mcp_tool_call_duration_seconds';
  let below = 0;
  const buckets = LATENCY_BOUNDS.map((bound, index) => {
    below += counts[index] ?? 0;
    return `${name}_bucket{${tool},le="${bound / 1000}"} ${below}`;
  });
  return [
    ...buckets,
    `${name}_bucket{${tool},le="+Inf"} ${calls}`,
    `${name}_sum{${tool}} ${sum / 1000}`,
    `${name}_count{${tool}} ${calls}`,
  ];
}

function problems(tool: string, { failed, invalid, timedOut, cancelled }: ToolMetrics): string[] {
  const counts = { failed, invalid, timed_out: timedOut, cancelled };
  return Object.entries(counts).map(
    ([problem, count]) => `mcp_tool_call_problems_total{${tool},${label('problem', problem)}} ${count}`,
  );
}

function label(name: string, value: string): string {
  return `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
