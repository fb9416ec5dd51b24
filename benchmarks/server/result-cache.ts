import type { Measurement, Target } from '../lib/benchmark.ts';
import { startHttpLoad } from '../lib/http-load.ts';
import type { McpCall } from '../lib/mcp-request.ts';
import { measureTogether } from '../lib/measure-together.ts';
import { readCpu } from '../lib/process-usage.ts';
import { startRedisProcess } from '../lib/redis-process.ts';
import { report } from '../lib/report.ts';
import { type HttpServerProcess, startHttpProcess } from '../lib/server-process.ts';
import { WarmServers } from '../lib/warm-servers.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { cachedServer, type ResultsIn } from './result-cache-fixture.ts';
import { assertSameBytes, commandOf, echo, firstAnswer } from './variants.ts';

/** Results of tools from earlier calls: what a hit costs, and what it saves, in memory and in Redis. */

const kept: readonly ResultsIn[] = ['nowhere', 'memory', 'Redis, near', 'Redis, far'];
const work: McpCall = { method: 'tools/call', tool: 'work', text: 'the same for all' };

using fixture = await createMcpgenFixture();
await using redis = await startRedisProcess();
using load = startHttpLoad();
await using servers = new WarmServers<HttpServerProcess>();
for (const where of kept) {
  const main = fixture.write(`results ${where}`, cachedServer(where, redis.url));
  servers.add(where, await startHttpProcess({ name: where, argv: [main] }));
  await warm(where, work, where === 'nowhere' ? 100 : 20_000);
}
servers.add('bare', await startHttpProcess(commandOf('bare', { fixture, tools: 1, transport: 'http' })));
servers.add('echo', await startHttpProcess(commandOf('mcpgen', { fixture, tools: 1, transport: 'http' })));
servers.add('a hit', await startHttpProcess({ name: 'a hit', argv: [fixture.main(1, ['cache'])] }));
for (const name of ['bare', 'echo', 'a hit']) await warm(name, echo, 20_000);
assertSameBytes(await firstAnswer(servers.get('bare'), echo), await firstAnswer(servers.get('a hit'), echo));

const hits: readonly Target[] = [{ variant: 'a hit', kind: 'ratio', atMost: 1.25 }];

await report('Results from earlier calls', [
  ...[1, 16, 64].flatMap((connections) => costOfHit(connections)),
  ...savings(),
  ...sameAtOnce(),
]);

/** An echo, which needs no cache: what one costs on top. */
function costOfHit(connections: number): readonly Measurement[] {
  return measureTogether({
    name: connections === 1 ? 'echo, 1 connection' : `echo, ${connections} connections`,
    variants: ['bare', 'echo', 'a hit'],
    rounds: 11,
    metrics: [{ name: 'CPU per call', unit: 'us', targets: hits }],
    measure: async (variant) => [(await loadOn(variant, { connections, requests: 4000, call: echo })).cpu],
  });
}

/** A tool that computes for 5 ms, called with the same arguments again and again. */
function savings(): readonly Measurement[] {
  return measureTogether({
    name: '5 ms of work, 16 connections',
    variants: kept,
    rounds: 7,
    metrics: [
      { name: 'CPU per call', unit: 'us' },
      { name: 'p50', unit: 'ms' },
      { name: 'p99', unit: 'ms' },
    ],
    measure: async (variant) => {
      const requests = variant === 'nowhere' ? 200 : 4000;
      const { cpu, p50, p99 } = await loadOn(variant, { connections: 16, requests, call: work });
      return [cpu, p50, p99];
    },
  });
}

/** 64 equal calls at once, whose result nobody has yet. */
function sameAtOnce(): readonly Measurement[] {
  return measureTogether({
    name: '64 equal calls at once, 5 ms of work',
    variants: kept,
    rounds: 7,
    metrics: [{ name: 'time until all are answered', unit: 'ms' }],
    measure: async (variant, round) => {
      const call = { ...work, text: `new in round ${round}, ${Math.random()}` };
      return [(await loadOn(variant, { connections: 64, requests: 64, call })).wall];
    },
  });
}

async function loadOn(name: string, job: { connections: number; requests: number; call: McpCall }) {
  const { pid, port } = servers.get(name);
  const before = readCpu(pid);
  const outcome = await load.run({ port, ...job });
  return { ...outcome, cpu: (readCpu(pid) - before) / job.requests };
}

async function warm(name: string, call: McpCall, requests: number): Promise<void> {
  await firstAnswer(servers.get(name), call);
  await load.run({ port: servers.get(name).port, connections: 16, requests, call });
}
