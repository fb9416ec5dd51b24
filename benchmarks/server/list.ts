import type { Measurement } from '../lib/benchmark.ts';
import { startHttpLoad } from '../lib/http-load.ts';
import { readCpu } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { type HttpServerProcess, startHttpProcess } from '../lib/server-process.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { assertSameBytes, commandOf, echo, firstAnswer, list, variants } from './variants.ts';

/** A server of 100 tools: tools/list, and what the other tools cost a call. */

const tools = 100;
using fixture = await createMcpgenFixture([tools]);
using load = startHttpLoad();
await using servers = new AsyncDisposableStack();
const warm = new Map<string, HttpServerProcess>();
for (const variant of variants) {
  const server = servers.use(await startHttpProcess(commandOf(variant, { fixture, tools, transport: 'http' })));
  warm.set(variant, server);
  await firstAnswer(server, list);
  await load.run({ port: server.port, connections: 16, requests: requestsOf(variant), call: list });
}
assertSameBytes(await firstAnswer(serverOf('bare'), list), await firstAnswer(serverOf('mcpgen'), list));

await report('A server of 100 tools, over HTTP with 16 connections', [
  cpuPer('tools/list', list, requestsOf),
  cpuPer('tools/call', echo, () => 2000),
]);

function cpuPer(method: string, call: typeof list, requests: (variant: string) => number): Measurement {
  return {
    name: `CPU per ${method}`,
    unit: 'us',
    variants,
    rounds: 7,
    measure: async (variant) => {
      const { pid, port } = serverOf(variant);
      const before = readCpu(pid);
      await load.run({ port, connections: 16, requests: requests(variant), call });
      return (readCpu(pid) - before) / requests(variant);
    },
    targets: [{ variant: 'mcpgen', kind: 'ratio', atMost: 1.3 }],
  };
}

/** The official SDK takes 10 ms for each. */
function requestsOf(variant: string): number {
  return variant === 'official' ? 100 : 2000;
}

function serverOf(variant: string): HttpServerProcess {
  const server = warm.get(variant);
  if (server === undefined) throw new Error(`No server for variant "${variant}"`);
  return server;
}
