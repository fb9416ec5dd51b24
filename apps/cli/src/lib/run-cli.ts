import { run } from '@stricli/core';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-code.ts';
import { writeJson } from './report/envelope.ts';
import { application } from './routes.ts';
import { version } from './version.ts';

/** Runs one command line. Resolves to the exit code; never ends the process. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const json = asksForJson(argv);
  const complaints: string[] = [];
  const state: { exitCode: number | string | null } = { exitCode: null };
  const { stdout, stderr } = context.process;
  const streams = {
    stdout: { write: (text: string) => stdout.write(text), ...colorDepth(stdout.color) },
    stderr: {
      write: (text: string) => (json ? void complaints.push(text) : stderr.write(text)),
      ...colorDepth(stderr.color),
    },
    env: context.environment,
    get exitCode() {
      return state.exitCode;
    },
    set exitCode(code: number | string | null) {
      state.exitCode = code;
    },
  };
  const ended: number[] = [];
  const commandContext = { ...context, finish: (exitCode: number) => void ended.push(exitCode) };
  await run(application(version), argv.length === 0 ? ['--help'] : argv, {
    process: streams,
    forCommand: () => commandContext,
  });
  const [code] = ended;
  if (code !== undefined) return code;
  const parsed = Number(state.exitCode ?? 0);
  if (parsed === 0) return exitCodes.done;
  if (json) writeUsageError(context, complaints.join(''));
  return parsed < -3 ? exitCodes.usage : exitCodes.failed;
}

function writeUsageError(context: CliContext, complaint: string): void {
  const message = complaint.trim().split('\n').join(' ');
  writeJson(context, {
    status: 'error',
    code: 'USAGE',
    message,
    fix: 'Run "mcpgen --help" to see every command and flag',
    next: [],
  });
}

function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

function colorDepth(color: boolean): { getColorDepth: () => number } {
  return { getColorDepth: () => (color ? 8 : 1) };
}
