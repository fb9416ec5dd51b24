import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '../lib/benchmark.ts';
import { type McpCall, writeMessage } from '../lib/mcp-request.ts';
import { measureTogether } from '../lib/measure-together.ts';
import { readCpu } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';
import { startProcess } from '../lib/server-process.ts';
import { askOverStdio } from '../lib/stdio-load.ts';
import { lazyServer } from './eager-fixture.ts';
import { createMcpgenFixture } from './mcpgen-fixture.ts';
import { list } from './variants.ts';

/** What V8's compile cache saves a server whose tool needs zod, and whether it is the same bytes each time: see docs/decisions. */

const call: McpCall = { method: 'tools/call', tool: 'tool_0001', text: 'a' };
using fixture = await createMcpgenFixture();
const main = lazyServer(fixture);
const directory = mkdtempSync(join(tmpdir(), 'mcpgen-compile-cache-'));
const caches = [prime(join(directory, 'a')), prime(join(directory, 'b'))];
process.stdout.write(`Two caches of one server are the same bytes: ${new Set(caches.map(digestOf)).size === 1}\n\n`);

await report("V8's compile cache", [...start('first tools/list', list), ...start('first tools/call', call)]);
rmSync(directory, { recursive: true });

function start(name: string, asked: McpCall): readonly Measurement[] {
  return measureTogether({
    name: `stdio, to the ${name}`,
    variants: ['without', 'with'],
    rounds: 15,
    metrics: [
      { name: 'CPU', unit: 'ms' },
      { name: 'time', unit: 'ms' },
    ],
    measure: async (variant) => {
      const env = variant === 'with' ? { NODE_COMPILE_CACHE: caches[0] ?? '' } : {};
      await using server = startProcess({ name: variant, argv: [main, '--stdio'], env });
      await askOverStdio(server, asked);
      return [readCpu(server.pid) / 1000, performance.now() - server.started];
    },
  });
}

/** Node writes the cache when the process ends: after one list and one call. */
function prime(cache: string): string {
  const input = `${writeMessage(list, 1)}\n${writeMessage(call, 2)}\n`;
  spawnSync(process.execPath, [main, '--stdio'], { input, env: { NODE_COMPILE_CACHE: cache } });
  return cache;
}

function digestOf(cache: string): string {
  const hash = createHash('sha256');
  for (const path of readdirSync(cache, { recursive: true, encoding: 'utf8' }).sort()) {
    hash.update(path);
    if (/\/\w{8}$/.test(path)) hash.update(readFileSync(join(cache, path)));
  }
  return hash.digest('hex');
}
