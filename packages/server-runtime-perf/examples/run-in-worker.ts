import { createWorkerPool } from '@mcpgen/server-runtime-perf/worker-pool';

await using pool = createWorkerPool({ module: new URL('./primes.js', import.meta.url), maxThreads: 2 });

// The event loop stays free while a thread counts, and hears how far it is.
const steps: number[] = [];
const primes = await pool.run({ input: { below: 200_000 } }, { onProgress: ({ progress }) => steps.push(progress) });
if (primes !== 17_984) throw new Error(`Expected 17984 primes, counted ${primes}`);
if (steps.at(-1) !== 200_000) throw new Error('Expected progress to the end');

// A call that takes too long is ended by force; the next one gets a fresh thread.
const outcome = await pool
  .run({ input: { below: Number.POSITIVE_INFINITY }, deadline: 200 })
  .catch((error) => error.code);
if (outcome !== 'DEADLINE_EXCEEDED') throw new Error(`Expected the deadline to pass, got ${outcome}`);
if ((await pool.run({ input: { below: 10 } })) !== 4) throw new Error('Expected 4 primes below 10');
