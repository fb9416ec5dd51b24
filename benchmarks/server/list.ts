import type { Measurement, Target } from '../lib/benchmark.ts';
import { startHttpLoad } from '../lib/http-load.ts';
import type { McpCall } from '../lib/mcp-request.ts';
import { measureTogether } from '../lib/measure-together.ts';
import { readCpu } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { type HttpServerProcess, startHttpProcess } from '../lib/server-process.ts';
import { WarmServers } from '../lib/warm-servers.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { assertSameBytes, commandOf, echo, firstAnswer, list, variants } from './variants.ts';

/** A server of 100 tools: tools/list, and what the other tools cost a call. */

const tools = 100;
/** By then what runs often is compiled. */
const callsToWarm = 10_000;
using fixture = await createMcpgenFixture();
using load = startHttpLoad();
await using servers = new WarmServers<HttpServerProcess>();
for (const variant of variants) {
  const command = commandOf(variant, { fixture, tools, transport: 'http' });
  const server = servers.add(variant, await startHttpProcess(command));
  await firstAnswer(server, list);
  await load.run({ port: server.port, connections: 16, requests: listsOf(variant), call: list });
  await load.run({ port: server.port, connections: 16, requests: callsToWarm, call: echo });
}
assertSameBytes(await firstAnswer(servers.get('bare'), list), await firstAnswer(servers.get('mcpgen'), list));

const calls: readonly Target[] = [{ variant: 'mcpgen', kind: 'ratio', atMost: 1.15 }];
const lists: readonly Target[] = [{ variant: 'mcpgen', kind: 'ratio', to: 'official', atMost: 1 / 35 }];

await report('A server of 100 tools, over HTTP with 16 connections', [
  ...exchanges(list, listsOf, lists),
  ...exchanges(echo, () => 3000, calls),
]);

function exchanges(
  call: McpCall,
  requestsOf: (variant: string) => number,
  targets?: readonly Target[],
): readonly Measurement[] {
  return measureTogether({
    name: call.method,
    variants,
    rounds: 9,
    metrics: [{ name: 'CPU per request', unit: 'us', ...(targets && { targets }) }],
    measure: async (variant) => {
      const { pid, port } = servers.get(variant);
      const requests = requestsOf(variant);
      const before = readCpu(pid);
      await load.run({ port, connections: 16, requests, call });
      return [(readCpu(pid) - before) / requests];
    },
  });
}

/** The official SDK takes 10 ms for each. */
function listsOf(variant: string): number {
  return variant === 'official' ? 100 : 2000;
}
