import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { http } from '@mcpgen/connectors/http';
import { postgres } from '@mcpgen/connectors/postgres';
import { createPool } from '@mcpgen/server-runtime-perf/pool';
import pg from 'pg';
import { Agent, request } from 'undici';
import type { Measurement } from '../lib/benchmark.ts';
import { measureTogether } from '../lib/measure-together.ts';
import { readCpu } from '../lib/process-usage.ts';
import { report } from '../lib/report.ts';

/**
 * What keeping connections saves: queries to PostgreSQL (MCPGEN_TEST_POSTGRES_URL) and requests to an HTTP API, with a
 * connection for each against those that are kept, and what the connectors add to the libraries below them.
 */

type Ask = () => Promise<unknown>;

const url = process.env.MCPGEN_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const calls = 400;
const connections = 16;
const { signal } = new AbortController();
const sql = 'select $1::int as n';

const db = await postgres({ url, max: connections }).open({ signal });
const bare = new pg.Pool({ connectionString: url, max: connections });
const pooled = createPool({
  open: async ({ lost }) => {
    const client = new pg.Client(url);
    client.on('error', lost);
    await client.connect();
    return client;
  },
  close: (client) => client.end(),
  check: (client) => client.query('select 1'),
  max: connections,
  queue: calls,
});

const queries: Readonly<Record<string, Ask>> = {
  'a connection per query': async () => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(sql, [7]);
    await client.end();
  },
  "pg's own pool": () => bare.query(sql, [7]),
  createPool: () => pooled.use((client) => client.query(sql, [7])),
  'the connector': () => db.query(sql, [7]),
};

const server = fork(fileURLToPath(new URL('./variants/json-api.js', import.meta.url)));
const [port] = await once(server, 'message');
const origin = `http://127.0.0.1:${port}`;
const api = await http({ url: origin, connections }).open({ signal });
const agent = new Agent({ connections });

const requests: Readonly<Record<string, Ask>> = {
  'a connection per request': async () => {
    const own = new Agent({ keepAliveTimeout: 1 });
    const { body } = await request(`${origin}/`, { dispatcher: own });
    await body.json();
    await own.close();
  },
  undici: async () => {
    const { body } = await request(`${origin}/`, { dispatcher: agent });
    await body.json();
  },
  'the connector': () => api.json('GET', '/'),
};

await report('connections', [
  ...measured('PostgreSQL, one at a time', { asks: queries, callers: 1 }),
  ...measured(`PostgreSQL, ${connections} at once`, { asks: queries, callers: connections }),
  ...measured('HTTP, one at a time', { asks: requests, callers: 1 }),
  ...measured(`HTTP, ${connections} at once`, { asks: requests, callers: connections }),
]);

await Promise.all([db.close(), bare.end(), pooled.close(), api.close(), agent.close()]);
server.kill();

function measured(
  name: string,
  { asks, callers }: { readonly asks: Readonly<Record<string, Ask>>; readonly callers: number },
): readonly Measurement[] {
  return measureTogether({
    name,
    variants: Object.keys(asks),
    rounds: 7,
    metrics: [
      { name: 'CPU per call', unit: 'us' },
      { name: 'time per call', unit: 'us' },
    ],
    measure: async (variant) => {
      const ask = asks[variant];
      if (ask === undefined) throw new RangeError(`Cannot measure "${variant}"`);
      await runCalls(ask, callers, callers * 4); // connections are open, code is warm
      const began = performance.now();
      const before = readCpu(process.pid);
      await runCalls(ask, callers, calls);
      return [(readCpu(process.pid) - before) / calls, ((performance.now() - began) * 1000) / calls];
    },
  });
}

async function runCalls(ask: Ask, callers: number, count: number): Promise<void> {
  let left = count;
  const caller = async () => {
    for (; left > 0; left--) await ask();
  };
  await Promise.all(Array.from({ length: callers }, caller));
}
