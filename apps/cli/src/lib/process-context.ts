import type { CliContext, Output, SpawnForeground } from './context.ts';
import { exitCodes } from './exit-code.ts';

/** The edge of the command: the one place that touches the process. */
export function processContext(host: NodeJS.Process): { readonly context: CliContext; readonly close: () => void } {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  // The first Ctrl-C winds down and cleans up; the second does not wait.
  const interrupt = (signal: NodeJS.Signals): void => {
    if (received !== undefined) host.exit(130);
    received = signal;
    controller.abort();
  };
  host.on('SIGINT', interrupt);
  host.on('SIGTERM', interrupt);
  // A reader that leaves (`mcpgen … | head`) is no failure.
  host.stdout.on('error', (error: NodeJS.ErrnoException) => host.exit(error.code === 'EPIPE' ? 0 : 1));
  // What is said there is for whoever listens: the work goes on without.
  host.stderr.on('error', () => undefined);
  const context: CliContext = {
    process: { stdout: output(host.stdout, host.env), stderr: output(host.stderr, host.env) },
    directory: currentDirectory(host),
    environment: host.env,
    signal: controller.signal,
    now: Date.now,
    elapsed: () => performance.now(),
    spawn: foreground(host, () => received),
    finish: () => undefined,
  };
  const close = (): void => {
    host.off('SIGINT', interrupt);
    host.off('SIGTERM', interrupt);
  };
  return { context, close };
}

/** A shell may stand in a directory that somebody else has removed. */
function currentDirectory(host: NodeJS.Process): string {
  try {
    return host.cwd();
  } catch {
    host.stderr.write('Cannot start: the current directory no longer exists. Change to another one.\n');
    return host.exit(exitCodes.environment);
  }
}

function output(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Output {
  // A terminal that cannot go back in a line, and a log that looks like a terminal, get plain lines.
  const terminal = stream.isTTY === true && environment.TERM !== 'dumb' && !environment.CI;
  const color = environment.NO_COLOR === undefined && (terminal || environment.FORCE_COLOR !== undefined);
  return {
    write: (text) => void stream.write(text),
    terminal,
    color,
    getColorDepth: () => (color ? 8 : 1),
    get columns() {
      return stream.columns ?? 80;
    },
  };
}

/** Longer than a server takes to end its calls after the first signal, milliseconds. */
const GRACE = 15_000;

/** Runs programs with this process's own streams; one never outlives it. */
function foreground(host: NodeJS.Process, received: () => NodeJS.Signals | undefined): SpawnForeground {
  return async (command, args, { environment, directory, signal }) => {
    // Costs every command milliseconds to load, and one of them spawns.
    const [{ spawn }, { ownsTerminal }] = await Promise.all([
      import('node:child_process'),
      import('./owns-terminal.ts'),
    ]);
    return new Promise((resolve, reject) => {
      const child = spawn(command, [...args], { cwd: directory, env: environment, stdio: 'inherit' });
      let late: NodeJS.Timeout | undefined;
      // To the child a second signal means not to wait: it gets one from here only where the terminal sent it none.
      const stop = (): void => {
        const name = received() ?? 'SIGTERM';
        if (name === 'SIGINT' && ownsTerminal(host)) late = setTimeout(() => child.kill('SIGTERM'), GRACE);
        else child.kill(name);
      };
      const kill = (): void => void child.kill('SIGKILL');
      const release = (): void => {
        signal.removeEventListener('abort', stop);
        host.off('exit', kill);
        clearTimeout(late);
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
      host.once('exit', kill);
      child.once('error', (error) => {
        release();
        reject(error);
      });
      child.once('exit', (code, name) => {
        release();
        resolve(code ?? (name === 'SIGINT' ? 130 : 1));
      });
    });
  };
}
