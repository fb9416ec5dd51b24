import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadJob, LoadOutcome } from './http-load-worker.ts';

/** A process that sends requests; one serves a whole benchmark, so that it is warm for every variant alike. */
export interface HttpLoad extends Disposable {
  run(job: LoadJob): Promise<LoadOutcome>;
}

export function startHttpLoad(): HttpLoad {
  const child: ChildProcess = fork(new URL('./http-load-worker.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  return {
    run: async (job) => {
      child.send(job);
      const [outcome] = await once(child, 'message');
      return readOutcome(outcome);
    },
    [Symbol.dispose]: () => {
      child.kill();
    },
  };
}

function readOutcome(message: unknown): LoadOutcome {
  if (typeof message === 'object' && message !== null && 'wall' in message) return message as LoadOutcome;
  throw new Error(`Load failed: ${JSON.stringify(message)}`);
}
