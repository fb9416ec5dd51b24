import { createHistogram } from 'node:perf_hooks';
import {
  compose,
  type Handler,
  measureLatency,
  summarizeLatency,
  withDeadline,
  withLimit,
} from '@mcpgen/server-runtime-perf';
import { withResultCache } from '@mcpgen/server-runtime-perf/result-cache';

// What your HTTP server, your MCP library or your queue calls for each request.
let lookups = 0;
const lookUp: Handler<string, { city: string; degrees: number }> = async (city, { signal }) => {
  signal.throwIfAborted();
  lookups += 1;
  return { city, degrees: city.length };
};

const histogram = createHistogram();
const guarded = compose(
  lookUp,
  (next) => measureLatency(next, { histogram }),
  (next) => withResultCache(next, { ttl: 60_000, key: (city) => city }),
  (next) => withLimit(next, { concurrency: 100, queue: 1000 }),
  (next) => withDeadline(next, { milliseconds: 5000 }),
);

const context = { signal: new AbortController().signal };
const answers = await Promise.all(['Bern', 'Bern', 'Oslo'].map((city) => guarded(city, context)));

if (lookups !== 2) throw new Error(`Expected 2 lookups, saw ${lookups}`);
if (answers.map(({ city }) => city).join() !== 'Bern,Bern,Oslo') throw new Error('Expected an answer for each call');
if (summarizeLatency(histogram).count !== 3) throw new Error('Expected 3 measured calls');
