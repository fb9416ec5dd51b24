import { run } from '@stricli/core';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-code.ts';
import { writeJson } from './report/settle.ts';
import { application } from './routes.ts';
import { version } from './version.ts';

/** Runs one command line. Resolves to the exit code; never ends the process. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const complaints: string[] = [];
  const ended: number[] = [];
  const streams = { ...context.process, env: context.environment, exitCode: null as number | string | null };
  const app = application(version, { onComplaint: (text) => complaints.push(text) });
  await run(app, argv.length === 0 ? ['--help'] : argv, {
    process: streams,
    forCommand: () => ({ ...context, finish: (exitCode: number) => void ended.push(exitCode) }),
  });
  const [code] = ended;
  if (code !== undefined) return code;
  // Negative codes are the parser's own: no such command, no such flag.
  const parsed = Number(streams.exitCode ?? 0);
  if (parsed === 0) return exitCodes.done;
  if (asksForJson(argv)) writeUsageError(context, complaints.join(' '));
  return parsed < -3 ? exitCodes.usage : exitCodes.failed;
}

function writeUsageError(context: CliContext, message: string): void {
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
