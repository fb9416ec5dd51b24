import { createHistogram } from 'node:perf_hooks';
import {
  compose,
  type Handler,
  measureLatency,
  singleFlight,
  withDeadline,
  withLimit,
} from '@mcpgen/server-runtime-perf';
import { createMemoryStore, resultKey, withResultCache } from '@mcpgen/server-runtime-perf/result-cache';
import type { Measurement } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';

/** What each part of @mcpgen/server-runtime-perf adds to a call, by itself and all together, in one process. */

type Echo = Handler<{ readonly text: string }, string, { readonly signal: AbortSignal }>;

const echo: Echo = async ({ text }) => text;
const key = (input: { readonly text: string }) =>
  resultKey({ server: 's', build: '1', tool: 'echo', version: '1', scope: 'public', arguments: input });
const layers: Readonly<Record<string, (handler: Echo) => Echo>> = {
  'no layer': (handler) => handler,
  measureLatency: (handler) => measureLatency(handler, { histogram: createHistogram() }),
  withDeadline: (handler) => withDeadline(handler, { milliseconds: 30_000 }),
  withLimit: (handler) => withLimit(handler, { concurrency: 100, queue: 100 }),
  singleFlight: (handler) => singleFlight(handler, { key }),
  'withResultCache, hits': (handler) => withResultCache(handler, { ttl: 3_600_000, key, store: createMemoryStore({}) }),
};
const handlers = new Map(Object.entries(layers).map(([name, layer]) => [name, layer(echo)]));
handlers.set('all', compose(echo, ...Object.values(layers)));

const CALLS = 20_000;
const context = { signal: new AbortController().signal };
for (const name of handlers.keys()) await timeOf(name);

const measurement: Measurement = {
  name: 'CPU per call',
  unit: 'us',
  variants: [...handlers.keys()],
  rounds: 15,
  measure: timeOf,
};
await report('Layers of @mcpgen/server-runtime-perf', [measurement]);

async function timeOf(name: string): Promise<number> {
  const handler = handlers.get(name) ?? echo;
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call += 1) await handler({ text: 'hello' }, context);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}
