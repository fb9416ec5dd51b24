import type { CliContext } from '../context.ts';
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-code.ts';
import { errorEnvelope } from './error-envelope.ts';
import { paint } from './style.ts';

/** What a command gives back when it is done. */
export interface Done {
  /** Stable, for programs: `BUILT`. */
  readonly code: string;
  /** One sentence for people. */
  readonly message: string;
  readonly next?: readonly NextStep[];
  /** Command's own fields of the `--json` envelope. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** What people see on stdout: the data of the command, not its progress. */
  readonly output?: string;
  readonly exitCode?: ExitCode;
}

export interface NextStep {
  readonly command: string;
  readonly when: string;
}

/** The one shape of `--json`: the same fields for success and failure of every command. */
export interface Envelope extends Readonly<Record<string, unknown>> {
  readonly status: 'ok' | 'error';
  readonly code: string;
  readonly message: string;
  readonly fix: string | null;
  readonly next: readonly NextStep[];
}

/** Runs a command's body, then writes its result or its failure in the asked form. */
export async function settle(context: CliContext, json: boolean, body: () => Promise<Done>): Promise<void> {
  context.finish(await outcome(context, json, body));
}

async function outcome(context: CliContext, json: boolean, body: () => Promise<Done>): Promise<ExitCode> {
  try {
    const done = await body();
    if (json) writeJson(context, doneEnvelope(done));
    else if (done.output !== undefined)
      context.process.stdout.write(done.output.endsWith('\n') ? done.output : `${done.output}\n`);
    return done.exitCode ?? exitCodes.done;
  } catch (error) {
    const exitCode = context.signal.aborted ? exitCodes.interrupted : exitCodeOf(error);
    const envelope = errorEnvelope(error, { exitCode, directory: context.directory });
    if (json) writeJson(context, envelope);
    else writeError(context, envelope);
    return exitCode;
  }
}

export function writeJson(context: CliContext, envelope: Envelope): void {
  context.process.stdout.write(`${JSON.stringify(envelope, null, 2)}\n`);
}

function doneEnvelope(done: Done): Envelope {
  const failed = done.exitCode !== undefined && done.exitCode !== exitCodes.done;
  return {
    status: failed ? 'error' : 'ok',
    code: done.code,
    message: done.message,
    fix: null,
    next: done.next ?? [],
    ...done.data,
  };
}

/** A failure for people, on stderr. */
export function writeError(context: CliContext, envelope: Envelope): void {
  const { stderr } = context.process;
  if (envelope.code === 'INTERRUPTED') {
    stderr.write('Interrupted\n');
    return;
  }
  stderr.write(`${paint(stderr, 'red', 'error')} ${envelope.message} ${paint(stderr, 'dim', `[${envelope.code}]`)}\n`);
  if (envelope.fix !== null) stderr.write(`  ${paint(stderr, 'cyan', 'try')} ${envelope.fix}\n`);
}
