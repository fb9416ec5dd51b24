import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Measurement, Target } from '../lib/benchmark.ts';
import type { McpCall } from '../lib/mcp-request.ts';
import { type Metric, measureTogether } from '../lib/measure-together.ts';
import { readCpu, readMemory } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { type ServerCommand, startHttpProcess, startProcess } from '../lib/server-process.ts';
import { askOverStdio } from '../lib/stdio-load.ts';
import { eagerServer, lazyServer } from './eager-fixture.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { commandOf, echo, firstAnswer, list, variants } from './variants.ts';

/** From starting the process to its first answer: time, CPU, and what it then holds in memory. */

using fixture = await createMcpgenFixture();

const ours = (kind: Target['kind'], atMost: number): readonly Target[] => [{ variant: 'mcpgen', kind, atMost }];
const thousand = '1,000 tools';
const byTools: readonly Target[] = [{ variant: thousand, kind: 'ratio', atMost: 1.2 }];
const nothing = 'node -e 0';

await report('Start', [
  ...start('http', metrics({ time: ours('ratio', 1.15), memory: ours('value', 60) })),
  ...start('stdio', metrics({ time: ours('ratio', 1.5), memory: ours('value', 55) })),
  afterNothing(),
  ...startByTools('http', echo),
  ...startByTools('http', list),
  ...startByTools('stdio', echo),
  ...startByTools('stdio', list),
  ...lazyOrEager(),
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
    measure: (variant) => startOnce(commandOf(variant, { fixture, tools: 1, transport }), transport, list),
  });
}

/** Against a process of Node that does nothing: until that has ended. */
function afterNothing(): Measurement {
  return {
    name: 'stdio, to the first tools/list: time',
    unit: 'ms',
    variants: [nothing, 'mcpgen'],
    rounds: 21,
    targets: ours('difference', 16),
    measure: async (variant) => {
      if (variant === nothing) return runNothing();
      const [time = Number.NaN] = await startOnce(
        commandOf(variant, { fixture, tools: 1, transport: 'stdio' }),
        'stdio',
        list,
      );
      return time;
    },
  };
}

async function runNothing(): Promise<number> {
  const started = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore', env: {} }), 'exit');
  return performance.now() - started;
}

function startByTools(transport: 'http' | 'stdio', call: McpCall): readonly Measurement[] {
  return measureTogether({
    name: `${transport}, to the first ${call.method}`,
    variants: ['1 tool', thousand],
    rounds: 21,
    metrics: metrics({ time: byTools }),
    measure: (variant) => {
      const tools = variant === thousand ? 1000 : 1;
      return startOnce(commandOf('mcpgen', { fixture, tools, transport }), transport, call);
    },
  });
}

/** What it is worth that a tool is loaded at its first call: 100 tools with a schema of zod each. */
function lazyOrEager(): readonly Measurement[] {
  const mains: Readonly<Record<string, string>> = { lazy: lazyServer(fixture), eager: eagerServer(fixture) };
  return measureTogether({
    name: '100 tools loaded when called or at the start, stdio, to the first tools/list',
    variants: Object.keys(mains),
    rounds: 7,
    metrics: metrics({ time: [] }),
    measure: (variant) => {
      const command = { name: variant, argv: [mains[variant] ?? '', '--stdio'] };
      return startOnce(command, 'stdio', list);
    },
  });
}

async function startOnce(
  command: ServerCommand,
  transport: 'http' | 'stdio',
  call: McpCall,
): Promise<readonly number[]> {
  if (transport === 'http') {
    await using server = await startHttpProcess(command);
    await firstAnswer(server, call);
    return [performance.now() - server.started, readCpu(server.pid) / 1000, readMemory(server.pid)];
  }
  await using server = startProcess(command);
  await askOverStdio(server, call);
  return [performance.now() - server.started, readCpu(server.pid) / 1000, readMemory(server.pid)];
}
