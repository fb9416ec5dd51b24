import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Versions of the server's modules by path: a module with another version is loaded anew. */
export type ModuleVersions = Readonly<Record<string, string>>;

/** The running server of `mcpgen dev`. */
export interface DevServer {
  /** Swaps what changed, without dropping a connection. Starts the server again where it has died. */
  reload(versions: ModuleVersions): Promise<void>;
  close(): Promise<void>;
}

export interface DevServerOptions {
  /** The built server's directory. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly versions: ModuleVersions;
  /** The server ended by itself. */
  readonly onExit: (code: number | null) => void;
}

/** Starts the built server in a child process that can swap its tools. */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  let child = start(options, options.versions);
  await settled(child, 'ready');
  return {
    reload: async (versions) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        child = start(options, versions);
        await settled(child, 'ready');
        return;
      }
      child.send({ type: 'reload', versions });
      await settled(child, 'reloaded');
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.removeAllListeners('exit');
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function start({ directory, environment, onExit }: DevServerOptions, versions: ModuleVersions): ChildProcess {
  const entry = fileURLToPath(new URL('./dev-server-worker.js', import.meta.url));
  const child = fork(entry, [directory, JSON.stringify(versions)], {
    env: environment,
    execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.once('exit', (code) => onExit(code));
  return child;
}

/** Waits for the child to say so, or for its end. */
function settled(child: ChildProcess, type: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      if (typeof message !== 'object' || message === null || !('type' in message)) return;
      if (message.type === type) finish(resolve);
      if (message.type === 'reload-failed')
        finish(() => reject(new Error('message' in message ? String(message.message) : 'reload failed')));
    };
    const onExit = (): void => finish(resolve);
    const finish = (settle: () => void): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      settle();
    };
    child.on('message', onMessage);
    child.once('exit', onExit);
  });
}
