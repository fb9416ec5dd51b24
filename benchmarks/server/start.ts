import type { Measurement, Target } from '../lib/benchmark.ts';
import type { McpCall } from '../lib/mcp-request.ts';
import { type Metric, measureTogether } from '../lib/measure-together.ts';
import { readCpu, readMemory } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { startHttpProcess, startProcess } from '../lib/server-process.ts';
import { askOverStdio } from '../lib/stdio-load.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { commandOf, echo, firstAnswer, list, variants } from './variants.ts';

/** From starting the process to its first answer: time, CPU, and what it then holds in memory. */

using fixture = await createMcpgenFixture([1, 1000]);

const ours = (kind: Target['kind'], atMost: number): readonly Target[] => [{ variant: 'mcpgen', kind, atMost }];
const thousand = '1,000 tools';
const byTools: readonly Target[] = [{ variant: thousand, kind: 'ratio', atMost: 1.2 }];

await report('Start', [
  ...start('http', metrics({ time: ours('ratio', 1.5) })),
  ...start('stdio', metrics({ time: ours('ratio', 2), memory: ours('value', 55) })),
  ...startByTools('http', echo),
  ...startByTools('http', list),
  ...startByTools('stdio', echo),
  ...startByTools('stdio', list),
]);

function metrics(targets: {
  readonly time: readonly Target[];
  readonly memory?: readonly Target[];
}): readonly Metric[] {
  return [
    { name: 'time', unit: 'ms', targets: targets.time },
    { name: 'CPU', unit: 'ms', targets: targets.time },
    { name: 'memory', unit: 'MB', ...(targets.memory && { targets: targets.memory }) },
  ];
}

function start(transport: 'http' | 'stdio', measured: readonly Metric[]): readonly Measurement[] {
  return measureTogether({
    name: `${transport}, to the first tools/list`,
    variants,
    rounds: 21,
    metrics: measured,
    measure: (variant) => startOnce(variant, { tools: 1, transport, call: list }),
  });
}

function startByTools(transport: 'http' | 'stdio', call: McpCall): readonly Measurement[] {
  return measureTogether({
    name: `${transport}, to the first ${call.method}`,
    variants: ['1 tool', thousand],
    rounds: 21,
    metrics: metrics({ time: byTools }),
    measure: (variant) => startOnce('mcpgen', { tools: variant === thousand ? 1000 : 1, transport, call }),
  });
}

async function startOnce(
  variant: string,
  { tools, transport, call }: { readonly tools: number; readonly transport: 'http' | 'stdio'; readonly call: McpCall },
): Promise<readonly number[]> {
  const command = commandOf(variant, { fixture, tools, transport });
  if (transport === 'http') {
    await using server = await startHttpProcess(command);
    await firstAnswer(server, call);
    return [performance.now() - server.started, readCpu(server.pid) / 1000, readMemory(server.pid)];
  }
  await using server = startProcess(command);
  await askOverStdio(server, call);
  return [performance.now() - server.started, readCpu(server.pid) / 1000, readMemory(server.pid)];
}
