import type { Measurement } from '../lib/benchmark.ts';
import { readCpu, readMemory } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { type ServerProcess, startProcess } from '../lib/server-process.ts';
import { askOverStdio, runStdioLoad } from '../lib/stdio-load.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { assertSameBytes, commandOf, echo, variants } from './variants.ts';

/** tools/call of an echo tool over stdio: one at a time, and pipelined. */

const requestsPerRound = 6000;

using fixture = await createMcpgenFixture([1]);
await using servers = new AsyncDisposableStack();
const warm = new Map<string, ServerProcess>();
for (const variant of variants) {
  const server = servers.use(startProcess(commandOf(variant, { fixture, tools: 1, transport: 'stdio' })));
  warm.set(variant, server);
  await runStdioLoad(server, { requests: requestsPerRound, window: 64, call: echo });
}
assertSameBytes(await askOverStdio(serverOf('bare'), echo), await askOverStdio(serverOf('mcpgen'), echo));

await report('tools/call over stdio', [
  cpuPerCall(1),
  cpuPerCall(64),
  { ...cpuPerCall(64), name: 'calls per second, window 64', unit: '/s', measure: callsPerSecond },
  {
    name: 'memory after the calls',
    unit: 'MB',
    variants,
    rounds: 1,
    measure: async (variant) => readMemory(serverOf(variant).pid),
  },
]);

function cpuPerCall(window: number): Measurement {
  return {
    name: `CPU per call, window ${window}`,
    unit: 'us',
    variants,
    rounds: 9,
    measure: async (variant) => {
      const server = serverOf(variant);
      const before = readCpu(server.pid);
      await runStdioLoad(server, { requests: requestsPerRound, window, call: echo });
      return (readCpu(server.pid) - before) / requestsPerRound;
    },
  };
}

async function callsPerSecond(variant: string): Promise<number> {
  const wall = await runStdioLoad(serverOf(variant), { requests: requestsPerRound, window: 64, call: echo });
  return requestsPerRound / (wall / 1000);
}

function serverOf(variant: string): ServerProcess {
  const server = warm.get(variant);
  if (server === undefined) throw new Error(`No server for variant "${variant}"`);
  return server;
}
