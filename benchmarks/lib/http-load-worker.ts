import { openHttpConnection } from './http-connection.ts';
import { type McpCall, writeHttpRequest } from './mcp-request.ts';

/** The load generator's process: does one job at a time for its parent, so that its own work is not in the figures. */

export interface LoadJob {
  readonly port: number;
  readonly connections: number;
  /** In all, shared among the connections. */
  readonly requests: number;
  readonly call: McpCall;
}

export interface LoadOutcome {
  /** Milliseconds from the first request to the last answer. */
  readonly wall: number;
  /** Milliseconds of one request. */
  readonly p50: number;
  readonly p99: number;
}

process.on('message', async (job: LoadJob) => {
  const outcome = await runJob(job).catch((error: Error) => ({ error: error.message }));
  process.send?.(outcome);
});

async function runJob({ port, connections, requests, call }: LoadJob): Promise<LoadOutcome> {
  const opened = await Promise.all(Array.from({ length: connections }, () => openHttpConnection(port)));
  const latencies: number[] = [];
  let sent = 0;
  const started = performance.now();
  await Promise.all(
    opened.map(async (connection) => {
      while (sent < requests) {
        sent += 1;
        const request = writeHttpRequest(call, sent);
        const at = performance.now();
        await connection.exchange(request);
        latencies.push(performance.now() - at);
      }
    }),
  );
  const wall = performance.now() - started;
  for (const connection of opened) connection.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { wall, p50: at(0.5), p99: at(0.99) };
}
