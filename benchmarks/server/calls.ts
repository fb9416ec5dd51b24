import type { Measurement, Target } from '../lib/benchmark.ts';
import { startHttpLoad } from '../lib/http-load.ts';
import { measureTogether } from '../lib/measure-together.ts';
import { readCpu, readMemory } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { type HttpServerProcess, startHttpProcess } from '../lib/server-process.ts';
import { WarmServers } from '../lib/warm-servers.ts';
import { createMcpgenFixture, type Feature } from './mcpgen-fixture.ts';
import { allOn, assertSameBytes, callFor, commandOf, echo, firstAnswer, lightest, variants } from './variants.ts';

/** tools/call of an echo tool over keep-alive HTTP: CPU of the server per call, and its memory afterwards. */

const callsPerRound = 4000;
/** Before anything is measured: by then what runs often is compiled. */
const callsToWarm = 20_000;
/** By itself as by the program that has the features, so that these alone differ. */
const features: Readonly<Record<string, readonly Feature[]>> = {
  'no feature': [],
  ...Object.fromEntries(allOn.map((feature) => [`with ${feature}`, [feature]])),
  'with all': allOn,
};
const thousand = 'mcpgen, 1,000 tools';
/** A server of its own: that of the other rows has answered far more calls by then, and is compiled the better for it. */
const one = 'mcpgen, 1 tool';
const compared = [...variants, lightest];

using fixture = await createMcpgenFixture();
using load = startHttpLoad();
await using servers = new WarmServers<HttpServerProcess>();
for (const variant of compared) await startWarm(variant, { variant, tools: 1 });
for (const [name, on] of Object.entries(features)) await startWarm(name, { variant: 'mcpgen', tools: 1, features: on });
await startWarm(thousand, { variant: 'mcpgen', tools: 1000 });
await startWarm(one, { variant: 'mcpgen', tools: 1 });
const bare = await firstAnswer(servers.get('bare'), echo);
for (const name of ['mcpgen', 'with all']) assertSameBytes(bare, await firstAnswer(servers.get(name), echo));

const ours: readonly Target[] = [
  { variant: 'mcpgen', kind: 'ratio', atMost: 1.15 },
  { variant: 'mcpgen', kind: 'ratio', to: 'official', atMost: 1 / 5 },
  { variant: 'mcpgen', kind: 'ratio', to: lightest, atMost: 1 / 1.5 },
];
const withAll: readonly Target[] = [{ variant: 'with all', kind: 'ratio', atMost: 1.25 }];
const byTools: readonly Target[] = [{ variant: thousand, kind: 'ratio', atMost: 1.1 }];

await report('tools/call over HTTP', [
  ...[1, 16, 64].flatMap((connections) => calls(connections, compared, ours)),
  ...[1, 64].flatMap((connections) => calls(connections, ['bare', 'with all'], withAll)),
  ...calls(16, ['bare', ...Object.keys(features)], withAll),
  ...calls(16, [one, thousand], byTools),
  ...memoryAfterLoad(),
]);

function calls(connections: number, names: readonly string[], targets: readonly Target[]): readonly Measurement[] {
  const late: readonly Target[] = connections === 64 ? [{ variant: 'mcpgen', kind: 'value', atMost: 10 }] : [];
  return measureTogether({
    name: connections === 1 ? '1 connection' : `${connections} connections`,
    variants: names,
    rounds: 11,
    metrics: [
      { name: 'CPU per call', unit: 'us', targets },
      { name: 'p99', unit: 'ms', targets: late },
    ],
    measure: async (variant) => {
      const { pid, port } = servers.get(variant);
      const before = readCpu(pid);
      const { p99 } = await load.run({ port, connections, requests: callsPerRound, call: callFor(variant, echo) });
      return [(readCpu(pid) - before) / callsPerRound, p99];
    },
  });
}

function memoryAfterLoad(): readonly Measurement[] {
  return measureTogether({
    name: 'a new server, 20,000 calls',
    variants: compared,
    rounds: 3,
    metrics: [{ name: 'memory', unit: 'MB', targets: [{ variant: 'mcpgen', kind: 'difference', atMost: 15 }] }],
    measure: async (variant) => {
      await using server = await startHttpProcess(commandOf(variant, { fixture, tools: 1, transport: 'http' }));
      const call = callFor(variant, echo);
      await firstAnswer(server, call);
      await load.run({ port: server.port, connections: 16, requests: 20_000, call });
      return [readMemory(server.pid)];
    },
  });
}

async function startWarm(
  name: string,
  command: { readonly variant: string; readonly tools: number; readonly features?: readonly Feature[] },
): Promise<void> {
  const { variant, ...options } = command;
  const server = await startHttpProcess(commandOf(variant, { ...options, fixture, transport: 'http' }));
  servers.add(name, server);
  const call = callFor(variant, echo);
  await firstAnswer(server, call);
  await load.run({ port: server.port, connections: 16, requests: callsToWarm, call });
}
