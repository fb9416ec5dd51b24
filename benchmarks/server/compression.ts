import type { Measurement, Target } from '../lib/benchmark.ts';
import { openHttpConnection } from '../lib/http-connection.ts';
import { startHttpLoad } from '../lib/http-load.ts';
import { type McpCall, writeHttpRequest } from '../lib/mcp-request.ts';
import { measureTogether } from '../lib/measure-together.ts';
import { readCpu } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { type HttpServerProcess, type ServerCommand, startHttpProcess } from '../lib/server-process.ts';
import { WarmServers } from '../lib/warm-servers.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { commandOf, echo, firstAnswer, list } from './variants.ts';

/** Compressed answers of a server of 100 tools: CPU of the server per request, and bytes on the wire. */

interface Variant {
  /** Of `servers`. */
  readonly server: string;
  readonly acceptEncoding?: string;
  readonly call?: McpCall;
}

const tools = 100;
const variants = new Map<string, Variant>([
  ['official', { server: 'official' }],
  ['bare', { server: 'bare' }],
  ['bare, gzip for each', { server: 'bare-gzip', acceptEncoding: 'gzip' }],
  ['mcpgen', { server: 'mcpgen' }],
  ['mcpgen, off', { server: 'off', acceptEncoding: 'gzip, deflate, br, zstd' }],
  ['mcpgen, gzip', { server: 'mcpgen', acceptEncoding: 'gzip, deflate' }],
  ['mcpgen, br', { server: 'mcpgen', acceptEncoding: 'gzip, deflate, br, zstd' }],
  ['mcpgen, zstd', { server: 'mcpgen', acceptEncoding: 'zstd' }],
]);
const compressed = ['mcpgen, gzip', 'mcpgen, br', 'mcpgen, zstd'];
const large: McpCall = { ...echo, text: largeText(64 * 1024) };

using fixture = await createMcpgenFixture();
using load = startHttpLoad();
await using servers = new WarmServers<HttpServerProcess>();
const ours = commandOf('mcpgen', { fixture, tools, transport: 'http' });
for (const [name, command] of new Map<string, ServerCommand>([
  ...['official', 'bare', 'bare-gzip'].map((it) => [it, commandOf(it, { fixture, tools, transport: 'http' })] as const),
  ['mcpgen', ours],
  ['off', { ...ours, env: { ...ours.env, MCPGEN_COMPRESSION: '0' } }],
])) {
  await firstAnswer(servers.add(name, await startHttpProcess(command)), list);
}
for (const name of variants.keys()) await run(name, list, name === 'official' ? 50 : 1000);

await report('Compressed answers of a server of 100 tools, over HTTP with 16 connections', [
  ...exchanges('tools/list', list, { names: [...variants.keys()], targets: atMost(compressed, 0.01) }),
  ...exchanges('tools/list beside tools/call', list, {
    names: ['mcpgen, echo', 'mcpgen', ...compressed],
  }),
  ...exchanges('tools/call, 64 KB', large, { names: ['bare', 'bare, gzip for each', 'mcpgen', ...compressed] }),
  ...exchanges('tools/call, 200 bytes', echo, {
    names: ['mcpgen, off', 'mcpgen', 'mcpgen, gzip'],
    targets: [{ variant: 'mcpgen', kind: 'ratio', atMost: 1.05 }],
  }),
]);

interface Compared {
  /** The first is the baseline. */
  readonly names: readonly string[];
  readonly targets?: readonly Target[];
}

function exchanges(name: string, call: McpCall, { names, targets }: Compared): readonly Measurement[] {
  return measureTogether({
    name,
    variants: names,
    rounds: 9,
    metrics: [
      { name: 'CPU per request', unit: 'us', ...(targets && { targets }) },
      { name: 'on the wire', unit: 'KB' },
    ],
    measure: async (variant) => {
      const [base = variant, echoes] = variant.split(', echo');
      const asked = echoes === undefined ? call : echo;
      const requests = variant === 'official' ? 100 : asked === large ? 300 : 2000;
      return [await run(base, asked, requests), await sizeOf(base, asked)];
    },
  });
}

function atMost(names: readonly string[], ratio: number): readonly Target[] {
  return names.map((variant) => ({ variant, kind: 'ratio', atMost: ratio }));
}

function variantOf(name: string, call: McpCall): { readonly server: HttpServerProcess; readonly call: McpCall } {
  const { server, acceptEncoding } = variants.get(name) ?? { server: name };
  return { server: servers.get(server), call: { ...call, ...(acceptEncoding !== undefined && { acceptEncoding }) } };
}

/** CPU of one request, microseconds. */
async function run(name: string, asked: McpCall, requests: number): Promise<number> {
  const { server, call } = variantOf(name, asked);
  const before = readCpu(server.pid);
  await load.run({ port: server.port, connections: 16, requests, call });
  return (readCpu(server.pid) - before) / requests;
}

/** Of a whole answer with its head, in KB. */
async function sizeOf(name: string, asked: McpCall): Promise<number> {
  const { server, call } = variantOf(name, asked);
  const connection = await openHttpConnection(server.port);
  const { length } = await connection.exchange(writeHttpRequest(call, 1));
  connection.close();
  return length / 1024;
}

/** Rows of a table, as tools give them: alike in form, and each with something of its own. */
function largeText(size: number): string {
  const rows: object[] = [];
  for (let length = 0, seed = 1; length < size; length += JSON.stringify(rows.at(-1)).length) {
    seed = (seed * 48_271) % 2_147_483_647;
    rows.push({ id: rows.length, name: `customer ${seed.toString(36)}`, amount: seed % 100_000, open: seed % 3 === 0 });
  }
  return JSON.stringify(rows);
}
