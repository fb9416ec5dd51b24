import { lazy } from '@mcpgen/server-runtime-perf/lazy';
import type { WorkerCall, WorkerPool } from '@mcpgen/server-runtime-perf/worker-pool';
import type { ToolHandler } from '../catalogue/catalogue.ts';
import { InvalidInput } from '../protocol/invalid-input.ts';
import type { JsonValue } from '../protocol/json.ts';
import { isFields } from '../protocol/message.ts';
import type { Call } from './call.ts';
import { isLogLevel } from './call.ts';

/** What a worker needs to run a tool: URLs, for it loads modules itself. */
export interface WorkerTool {
  readonly module: string;
  readonly connectors: Readonly<Record<string, string>>;
  readonly parse: boolean;
}

/** The call ends it by its own deadline. */
const NO_DEADLINE = 2 ** 31 - 1;

/** The threads of a catalogue, started at the first call of a tool that runs in one. */
export class WorkerTools {
  readonly #pool = lazy<WorkerPool>(async () => {
    const { createWorkerPool } = await import('@mcpgen/server-runtime-perf/worker-pool');
    return createWorkerPool();
  });

  handler(tool: WorkerTool): ToolHandler {
    return async (input, call) => this.#run({ ...tool, input, ...contextOf(call), deadline: NO_DEADLINE }, call);
  }

  async close(): Promise<void> {
    await this.#pool.peek()?.close();
  }

  async #run(task: WorkerCall, { signal, progress, log, noStore }: Call): Promise<unknown> {
    const pool = await this.#pool.get();
    try {
      return await pool.run(task, {
        signal,
        onNoStore: noStore,
        onProgress: ({ progress: value, ...rest }) => progress(value, rest),
        onLog: ({ level, data, logger }) => log(isLogLevel(level) ? level : 'info', toJson(data), logger),
      });
    } catch (error) {
      throw invalidInput(error) ?? error;
    }
  }
}

function contextOf({ meta, caller }: Call): Pick<WorkerCall, 'meta' | 'context'> {
  return { meta, context: caller === undefined ? {} : { caller } };
}

function toJson(data: unknown): JsonValue {
  return data as JsonValue;
}

/** The worker's own schema refused the input: its issues, in the form of a validator's. */
function invalidInput(error: unknown): InvalidInput | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'WORKER_INPUT_INVALID') return undefined;
  const facts = 'facts' in error && isFields(error.facts) ? error.facts : {};
  const issues = Array.isArray(facts.issues) ? facts.issues : [];
  return new InvalidInput(
    issues.filter(isFields).map(({ message, path }) => ({
      path: Array.isArray(path) ? path.map((step) => `/${String(step)}`).join('') : '',
      message: String(message),
    })),
  );
}
