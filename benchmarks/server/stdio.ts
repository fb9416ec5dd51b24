import type { Measurement, Target } from '../lib/benchmark.ts';
import { measureTogether } from '../lib/measure-together.ts';
import { readCpu, readMemory } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { type ServerProcess, startProcess } from '../lib/server-process.ts';
import { askOverStdio, runStdioLoad } from '../lib/stdio-load.ts';
import { WarmServers } from '../lib/warm-servers.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { assertSameBytes, commandOf, echo, variants } from './variants.ts';

/** tools/call of an echo tool over stdio: one at a time, and pipelined. */

const requests = 6000;

using fixture = await createMcpgenFixture();
await using servers = new WarmServers<ServerProcess>();
for (const variant of variants) {
  const server = servers.add(variant, startProcess(commandOf(variant, { fixture, tools: 1, transport: 'stdio' })));
  await runStdioLoad(server, { requests, window: 64, call: echo });
}
assertSameBytes(await askOverStdio(servers.get('bare'), echo), await askOverStdio(servers.get('mcpgen'), echo));

/** 80,000 calls a second where the bare loop makes 118,000. */
const pipelined: readonly Target[] = [{ variant: 'mcpgen', kind: 'ratio', atMost: 118 / 80 }];

await report('tools/call over stdio', [...calls(1), ...calls(64)]);

function calls(window: number): readonly Measurement[] {
  return measureTogether({
    name: window === 1 ? 'one at a time' : `${window} at once`,
    variants,
    rounds: 11,
    metrics: [
      { name: 'CPU per call', unit: 'us' },
      { name: 'time per call', unit: 'us', ...(window > 1 && { targets: pipelined }) },
      { name: 'calls', unit: '/s' },
      { name: 'memory', unit: 'MB' },
    ],
    measure: async (variant) => {
      const server = servers.get(variant);
      const before = readCpu(server.pid);
      const wall = await runStdioLoad(server, { requests, window, call: echo });
      const cpu = readCpu(server.pid) - before;
      return [cpu / requests, (wall * 1000) / requests, requests / (wall / 1000), readMemory(server.pid)];
    },
  });
}
