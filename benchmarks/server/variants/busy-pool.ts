import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createWorkerPool } from '@mcpgen/server-runtime-perf/worker-pool';

/** Works for two seconds on so many threads, or on the main one, and prints how late its event loop was: milliseconds. */

const [where = 'idle'] = process.argv.slice(2);
const BUSY = 2000;

await using pool = createWorkerPool({ module: new URL('./busy.js', import.meta.url), maxThreads: 2 });
// The threads are there when it begins, as they are in a server that has been called.
if (where === 'workers') await Promise.all([pool.run({ input: 1 }), pool.run({ input: 1 })]);

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const { default: work } = await import('./busy.js');
if (where === 'workers') await Promise.all([pool.run({ input: BUSY }), pool.run({ input: BUSY })]);
else if (where === 'main thread') for (let part = 0; part < 20; part += 1) await pause().then(() => work(BUSY / 20));
else await new Promise((resolve) => setTimeout(resolve, BUSY));
await pause();
delay.disable();
process.stdout.write(JSON.stringify({ p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 }));

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}
