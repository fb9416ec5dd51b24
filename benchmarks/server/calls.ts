import type { Measurement, Target } from '../lib/benchmark.ts';
import { startHttpLoad } from '../lib/http-load.ts';
import { measureTogether } from '../lib/measure-together.ts';
import { readCpu, readMemory } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { type HttpServerProcess, startHttpProcess } from '../lib/server-process.ts';
import { WarmServers } from '../lib/warm-servers.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { assertSameBytes, commandOf, echo, firstAnswer, variants } from './variants.ts';

/** tools/call of an echo tool over keep-alive HTTP: CPU of the server per call, and its memory afterwards. */

const callsPerRound = 4000;
const thousand = 'mcpgen, 1,000 tools';
/** A server of its own: that of the other rows has answered far more calls by then, and is compiled the better for it. */
const one = 'mcpgen, 1 tool';

using fixture = await createMcpgenFixture([1, 1000]);
using load = startHttpLoad();
await using servers = new WarmServers<HttpServerProcess>();
for (const variant of variants) await startWarm(variant, { variant, tools: 1 });
await startWarm(thousand, { variant: 'mcpgen', tools: 1000 });
await startWarm(one, { variant: 'mcpgen', tools: 1 });
assertSameBytes(await firstAnswer(servers.get('bare'), echo), await firstAnswer(servers.get('mcpgen'), echo));

const ours: readonly Target[] = [{ variant: 'mcpgen', kind: 'ratio', atMost: 1.3 }];
const byTools: readonly Target[] = [{ variant: thousand, kind: 'ratio', atMost: 1.2 }];

await report('tools/call over HTTP', [
  ...[1, 16, 64].flatMap((connections) => calls(connections, variants, ours)),
  ...calls(16, [one, thousand], byTools),
  ...memoryAfterLoad(),
]);

function calls(connections: number, compared: readonly string[], targets: readonly Target[]): readonly Measurement[] {
  return measureTogether({
    name: connections === 1 ? '1 connection' : `${connections} connections`,
    variants: compared,
    rounds: 11,
    metrics: [
      { name: 'CPU per call', unit: 'us', targets },
      { name: 'p99', unit: 'ms' },
    ],
    measure: async (variant) => {
      const { pid, port } = servers.get(variant);
      const before = readCpu(pid);
      const { p99 } = await load.run({ port, connections, requests: callsPerRound, call: echo });
      return [(readCpu(pid) - before) / callsPerRound, p99];
    },
  });
}

function memoryAfterLoad(): readonly Measurement[] {
  return measureTogether({
    name: 'a new server, 20,000 calls',
    variants,
    rounds: 3,
    metrics: [{ name: 'memory', unit: 'MB', targets: [{ variant: 'mcpgen', kind: 'difference', atMost: 20 }] }],
    measure: async (variant) => {
      await using server = await startHttpProcess(commandOf(variant, { fixture, tools: 1, transport: 'http' }));
      await firstAnswer(server, echo);
      await load.run({ port: server.port, connections: 16, requests: 20_000, call: echo });
      return [readMemory(server.pid)];
    },
  });
}

async function startWarm(name: string, { variant, tools }: { readonly variant: string; readonly tools: number }) {
  const server = servers.add(name, await startHttpProcess(commandOf(variant, { fixture, tools, transport: 'http' })));
  await firstAnswer(server, echo);
  await load.run({ port: server.port, connections: 16, requests: callsPerRound, call: echo });
}
