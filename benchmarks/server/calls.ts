import type { Measurement } from '../lib/benchmark.ts';
import { type HttpLoad, startHttpLoad } from '../lib/http-load.ts';
import { readCpu, readMemory } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { type HttpServerProcess, startHttpProcess } from '../lib/server-process.ts';
import { createMcpgenFixture, type McpgenFixture } from './mcpgen-fixture.ts';
import { assertSameBytes, commandOf, echo, firstAnswer, variants } from './variants.ts';

/** tools/call of an echo tool over keep-alive HTTP: CPU of the server per call, and its memory afterwards. */

const warmUp = 3000;
const callsPerRound = 4000;

using fixture = await createMcpgenFixture([1, 1000]);
using load = startHttpLoad();
await using servers = new AsyncDisposableStack();
const warm = new Map<string, HttpServerProcess>();
for (const variant of variants) warm.set(variant, await startWarm(variant, 1));
warm.set('mcpgen with 1,000 tools', await startWarm('mcpgen', 1000));
assertSameBytes(await firstAnswer(serverOf('bare'), echo), await firstAnswer(serverOf('mcpgen'), echo));

await report('tools/call over HTTP', [
  ...[1, 16, 64].map((connections) => cpuPerCall(connections)),
  {
    ...cpuPerCall(16),
    name: 'CPU per call, 16 connections, by number of tools',
    variants: ['mcpgen', 'mcpgen with 1,000 tools'],
    targets: [{ variant: 'mcpgen with 1,000 tools', kind: 'ratio', atMost: 1.2 }],
  },
  latency(64),
  memoryAfterLoad(fixture, load),
]);

function cpuPerCall(connections: number): Measurement {
  return {
    name: `CPU per call, ${connections} connections`,
    unit: 'us',
    variants,
    rounds: 9,
    measure: async (variant) => {
      const { pid, port } = serverOf(variant);
      const before = readCpu(pid);
      await load.run({ port, connections, requests: callsPerRound, call: echo });
      return (readCpu(pid) - before) / callsPerRound;
    },
    targets: [{ variant: 'mcpgen', kind: 'ratio', atMost: 1.3 }],
  };
}

function latency(connections: number): Measurement {
  return {
    name: `p99 of a call, ${connections} connections`,
    unit: 'ms',
    variants,
    rounds: 5,
    measure: async (variant) => {
      const { port } = serverOf(variant);
      return (await load.run({ port, connections, requests: callsPerRound, call: echo })).p99;
    },
  };
}

function memoryAfterLoad(built: McpgenFixture, generator: HttpLoad): Measurement {
  return {
    name: 'memory after 20,000 calls',
    unit: 'MB',
    variants,
    rounds: 3,
    measure: async (variant) => {
      await using server = await startHttpProcess(commandOf(variant, { fixture: built, tools: 1, transport: 'http' }));
      await firstAnswer(server, echo);
      await generator.run({ port: server.port, connections: 16, requests: 20_000, call: echo });
      return readMemory(server.pid);
    },
    targets: [{ variant: 'mcpgen', kind: 'difference', atMost: 20 }],
  };
}

async function startWarm(variant: string, tools: number): Promise<HttpServerProcess> {
  const server = servers.use(await startHttpProcess(commandOf(variant, { fixture, tools, transport: 'http' })));
  await firstAnswer(server, echo);
  await load.run({ port: server.port, connections: 16, requests: warmUp, call: echo });
  return server;
}

function serverOf(variant: string): HttpServerProcess {
  const server = warm.get(variant);
  if (server === undefined) throw new Error(`No server for variant "${variant}"`);
  return server;
}
