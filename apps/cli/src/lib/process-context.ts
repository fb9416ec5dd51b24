import type { CliContext, Output, SpawnForeground } from './context.ts';

/** The edge of the command: the one place that touches the process. */
export function processContext(host: NodeJS.Process): { readonly context: CliContext; readonly close: () => void } {
  const controller = new AbortController();
  let signals = 0;
  // The first Ctrl-C winds down and cleans up; the second does not wait.
  const interrupt = (): void => {
    signals++;
    if (signals > 1) host.exit(130);
    controller.abort();
  };
  host.on('SIGINT', interrupt);
  host.on('SIGTERM', interrupt);
  // A reader that leaves (`mcpgen … | head`) is no failure.
  host.stdout.on('error', (error: NodeJS.ErrnoException) => host.exit(error.code === 'EPIPE' ? 0 : 1));
  const context: CliContext = {
    process: { stdout: output(host.stdout, host.env), stderr: output(host.stderr, host.env) },
    directory: host.cwd(),
    environment: host.env,
    signal: controller.signal,
    now: Date.now,
    elapsed: () => performance.now(),
    spawn: spawnForeground,
    finish: () => undefined,
  };
  const close = (): void => {
    host.off('SIGINT', interrupt);
    host.off('SIGTERM', interrupt);
  };
  return { context, close };
}

function output(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Output {
  const terminal = stream.isTTY === true;
  const color =
    environment.NO_COLOR === undefined &&
    (terminal || environment.FORCE_COLOR !== undefined) &&
    environment.TERM !== 'dumb';
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

const spawnForeground: SpawnForeground = async (command, args, { environment, directory, signal }) => {
  // Costs every command milliseconds to load, and one of them spawns.
  const { spawn } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd: directory, env: environment, stdio: 'inherit' });
    // A terminal sends Ctrl-C to the whole group; a plain kill reaches only this process, so it is passed on.
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('exit', (code, name) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? (name === 'SIGINT' ? 130 : 1));
    });
  });
};
