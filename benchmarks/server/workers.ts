import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { measureTogether } from '../lib/measure-together.ts';
import { report } from '../lib/report.ts';

/** How late the main thread is while two calls compute for two seconds: in worker threads, or on the main one. */

const script = fileURLToPath(new URL('./variants/busy-pool.ts', import.meta.url));

await report('Worker threads', [
  ...measureTogether({
    name: 'delay of the event loop',
    variants: ['idle', 'workers', 'main thread'],
    rounds: 5,
    metrics: [
      { name: 'p99', unit: 'ms', targets: [{ variant: 'workers', kind: 'value', atMost: 20 }] },
      { name: 'longest', unit: 'ms' },
    ],
    measure: async (variant) => {
      const argv = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning', script, variant];
      const { stdout } = await promisify(execFile)(process.execPath, argv);
      const { p99, max } = JSON.parse(stdout) as { readonly p99: number; readonly max: number };
      return [p99, max];
    },
  }),
]);
