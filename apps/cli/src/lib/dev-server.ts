import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { serverNotStarted } from './errors.ts';

/** Versions of the server's modules by path: a module with another version is loaded anew. */
export type ModuleVersions = Readonly<Record<string, string>>;

/** The running server of `mcpgen dev`. */
export interface DevServer {
  /** False once it has ended by itself. */
  readonly running: boolean;
  /**
   * Swaps what changed, without dropping a connection. A server that has died, or that does not answer any more, is
   * replaced by a new one. Throws `SERVER_NOT_STARTED` where that one ends at once.
   *
   * @returns whether the server had to be started again.
   */
  reload(versions: ModuleVersions): Promise<{ readonly restarted: boolean }>;
  /** Ends the server, by force where it does not end by itself. */
  close(): Promise<void>;
}

export interface DevServerOptions {
  /** The built server's directory. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly versions: ModuleVersions;
  /** The server ended by itself, after it had started. */
  readonly onExit: (code: number | null) => void;
  /** What the server says on stderr. What it says before it fails to start is in the error instead. */
  readonly onOutput: (text: string) => void;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  readonly limits?: Partial<DevServerLimits>;
}

/** Milliseconds. */
export interface DevServerLimits {
  /** How long a server may take until it serves. Default 30,000. */
  readonly start: number;
  /** How long a server may take to swap its tools: one that spins never does. Default 5,000. */
  readonly reload: number;
  /** How long running calls may take at the end. Default 2,000. */
  readonly close: number;
}

/** Starts the built server in a child process that can swap its tools. Throws `SERVER_NOT_STARTED`. */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const limits: DevServerLimits = { start: 30_000, reload: 5_000, close: 2_000, ...options.limits };
  let child = await start(options, options.versions, limits);
  return {
    get running() {
      return isRunning(child);
    },
    reload: async (versions) => {
      if (isRunning(child)) {
        const answer = awaitMessage(child, ['reloaded', 'reload-failed'], {
          limit: limits.reload,
          signal: options.signal,
        });
        child.send({ type: 'reload', versions }, () => undefined);
        const message = await answer;
        if (message?.type === 'reloaded') return { restarted: false };
        if (message !== undefined) throw new Error(message.message ?? 'The server could not load what was built');
        options.signal.throwIfAborted();
        await end(child, 0);
      }
      child = await start(options, versions, limits);
      return { restarted: true };
    },
    close: () => end(child, limits.close),
  };
}

/** Resolves once the server serves. */
async function start(
  { directory, environment, onExit, onOutput, signal }: DevServerOptions,
  versions: ModuleVersions,
  limits: DevServerLimits,
): Promise<ChildProcess> {
  const entry = fileURLToPath(new URL('./dev-server-worker.js', import.meta.url));
  const child = fork(entry, [directory, JSON.stringify(versions)], {
    env: environment,
    execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
    // What tools print is not the data of this command.
    stdio: ['ignore', 2, 'pipe', 'ipc'],
  });
  endWithParent(child);
  let said = '';
  const collect = (text: string): void => {
    said += text;
  };
  child.stderr?.setEncoding('utf8').on('data', collect);
  if ((await awaitMessage(child, ['ready'], { limit: limits.start, signal })) === undefined) {
    const code = child.exitCode;
    await end(child, 0);
    signal.throwIfAborted();
    throw serverNotStarted(said, code, limits.start);
  }
  if (said !== '') onOutput(said);
  child.stderr?.off('data', collect).on('data', onOutput);
  child.once('exit', onExit);
  if (!isRunning(child)) onExit(child.exitCode);
  return child;
}

/** A server that spins hears neither a signal nor that its parent has gone. */
function endWithParent(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  // Such as a message to a child that has just ended: its end is what counts.
  child.on('error', () => undefined);
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** SIGTERM, and SIGKILL after so many milliseconds. */
async function end(child: ChildProcess, patience: number): Promise<void> {
  if (!isRunning(child)) return;
  child.removeAllListeners('exit');
  const ended = once(child, 'exit');
  child.kill(patience > 0 ? 'SIGTERM' : 'SIGKILL');
  const force = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(force);
}

interface ServerMessage {
  readonly type: string;
  readonly message?: string;
}

/** What the child says of these, or undefined where it ends, or the time does, or the waiting is over. */
function awaitMessage(
  child: ChildProcess,
  types: readonly string[],
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<ServerMessage | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const settle = (message?: ServerMessage): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onEnd);
      child.off('message', onMessage).off('close', onEnd).off('error', onEnd);
      resolve(message);
    };
    const onMessage = (message: unknown): void => {
      const read = readMessage(message);
      if (read !== undefined && types.includes(read.type)) settle(read);
    };
    const onEnd = (): void => settle();
    const timer = setTimeout(onEnd, limit);
    // `close`, not `exit`: by then all that it said has been read.
    signal.addEventListener('abort', onEnd);
    child.on('message', onMessage).once('close', onEnd).once('error', onEnd);
  });
}

function readMessage(message: unknown): ServerMessage | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  return {
    type: String(message.type),
    ...('message' in message ? { message: String(message.message) } : {}),
  };
}
