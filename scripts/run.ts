import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** The repository's root directory. */
export const root: string = join(import.meta.dirname, '..');

export interface RunResult {
  /** 0 when all went well; 1 when a signal ended the command. */
  readonly exitCode: number;
  /** What the command printed on both streams, without colours. */
  readonly output: string;
}

export interface RunOptions {
  /** Default: the repository's root. */
  readonly directory?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Show what the command prints while it runs: default true. */
  readonly show?: boolean;
}

/** Runs a command without a shell and without input, and gives its exit code and output. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { directory = root, env = {}, show = true } = options;
  const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(command, args, {
    cwd: directory,
    env: { ...process.env, ...colours, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  for (const [stream, target] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      chunks.push(chunk);
      if (show) target.write(chunk);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output: stripVTControlCharacters(chunks.join('')) }));
  });
}

/** pnpm, as it runs this script, or from PATH. */
export function runPnpm(args: readonly string[], options?: RunOptions): Promise<RunResult> {
  const own = process.env.npm_execpath ?? '';
  if (!own.includes('pnpm')) return run('pnpm', args, options);
  return /\.[cm]?js$/.test(own) ? run(process.execPath, [own, ...args], options) : run(own, args, options);
}

/**
 * Settings for Turborepo, which then neither reports home nor asks for updates, and for the pnpm that it starts for each
 * task, which need not check again what is installed.
 */
export const turboEnv: Readonly<Record<string, string>> = {
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  pnpm_config_verify_deps_before_run: 'false',
};
