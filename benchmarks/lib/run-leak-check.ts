import { type HeapSample, heapGrowth } from './heap-growth.ts';
import { createMixedCalls } from './mixed-calls.ts';
import { startHttpProcess } from './server-process.ts';

export interface LeakCheck {
  /** `main.js` of a server of `leak-fixture.ts`. */
  readonly main: string;
  /** In all, after the warm-up. */
  readonly calls: number;
  readonly warmUp: number;
  readonly samples: number;
  readonly onSample?: (sample: HeapSample) => void;
}

export interface LeakOutcome {
  readonly samples: readonly HeapSample[];
  /** Bytes that each call leaves behind. */
  readonly growth: number;
}

/** More sessions than this a server does not keep. */
const SESSION_LIMIT = 1000;

/** Runs mixed calls against a server and looks at its heap between them. */
export async function runLeakCheck({ main, calls, warmUp, samples, onSample }: LeakCheck): Promise<LeakOutcome> {
  await using server = await startHttpProcess({ name: 'leak check', argv: ['--expose-gc', main] });
  using load = createMixedCalls(server.port);
  await untilItListens(() => load.heap());
  await load.openSessions(SESSION_LIMIT);
  await load.run(warmUp);
  const taken: HeapSample[] = [];
  for (let sample = 0; sample <= samples; sample += 1) {
    if (sample > 0) await load.run(Math.round(calls / samples));
    taken.push({ calls: Math.round((calls / samples) * sample), bytes: await load.heap() });
    onSample?.(taken[sample] ?? { calls: 0, bytes: 0 });
  }
  return { samples: taken, growth: heapGrowth(taken) };
}

async function untilItListens(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
