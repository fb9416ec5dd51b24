import type { Measurement, Target } from '../lib/benchmark.ts';
import type { McpCall } from '../lib/mcp-request.ts';
import { readCpu, readMemory } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { startHttpProcess, startProcess } from '../lib/server-process.ts';
import { askOverStdio } from '../lib/stdio-load.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { commandOf, echo, firstAnswer, list, variants } from './variants.ts';

/** From starting the process to its first answer, and what it then holds in memory. */

using fixture = await createMcpgenFixture([1, 1000]);

type Transport = 'http' | 'stdio';
interface Start {
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
}

const starts: Record<Transport, (variant: string, tools: number, call: McpCall) => Promise<Start>> = {
  http: async (variant, tools, call) => {
    const command = commandOf(variant, { fixture, tools, transport: 'http' });
    await using server = await startHttpProcess(command);
    const started = performance.now();
    await firstAnswer(server, call);
    return readStart(server.pid, started);
  },
  stdio: async (variant, tools, call) => {
    const started = performance.now();
    await using server = startProcess(commandOf(variant, { fixture, tools, transport: 'stdio' }));
    await askOverStdio(server, call);
    return readStart(server.pid, started);
  },
};

function readStart(pid: number, started: number): Start {
  return { wall: performance.now() - started, cpu: readCpu(pid) / 1000, memory: readMemory(pid) };
}

const ours = (kind: Target['kind'], atMost: number): readonly Target[] => [{ variant: 'mcpgen', kind, atMost }];

await report('Start', [
  start('http', 'wall', ours('ratio', 1.5)),
  start('http', 'cpu', ours('ratio', 1.5)),
  start('http', 'memory'),
  start('stdio', 'wall', ours('ratio', 2)),
  start('stdio', 'cpu', ours('ratio', 2)),
  start('stdio', 'memory', ours('value', 55)),
  ...(['http', 'stdio'] as const).flatMap((transport) => [
    startByTools(transport, 'tools/call', echo),
    startByTools(transport, 'tools/list', list),
  ]),
]);

function start(transport: Transport, what: keyof Start, targets: readonly Target[] = []): Measurement {
  return {
    name: `${transport}: ${what} to first tools/list`,
    unit: what === 'memory' ? 'MB' : 'ms',
    variants,
    rounds: what === 'memory' ? 5 : 15,
    measure: async (variant) => (await starts[transport](variant, 1, list))[what],
    targets,
  };
}

function startByTools(transport: Transport, method: string, call: McpCall): Measurement {
  return {
    name: `${transport}: wall to first ${method}, by number of tools`,
    unit: 'ms',
    variants: ['1 tool', '1,000 tools'],
    rounds: 15,
    measure: async (variant) => (await starts[transport]('mcpgen', variant === '1 tool' ? 1 : 1000, call)).wall,
    targets: [{ variant: '1,000 tools', kind: 'ratio', atMost: 1.2 }],
  };
}
