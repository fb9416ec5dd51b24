import type { CliContext } from '../context.ts';
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-code.ts';
import type { Done, Envelope } from './envelope.ts';
import { errorEnvelope } from './error-envelope.ts';
import { paint } from './style.ts';

/** Of what is written to stdout: text, one JSON object, or JSON objects of a line each for a command that goes on. */
export type OutputForm = boolean | 'lines';

/** Runs a command's body, then writes its result or its failure in the asked form. */
export async function settle(context: CliContext, form: OutputForm, body: () => Promise<Done>): Promise<void> {
  context.finish(await outcome(context, form, body));
}

async function outcome(context: CliContext, form: OutputForm, body: () => Promise<Done>): Promise<ExitCode> {
  try {
    const done = await body();
    const envelope = doneEnvelope(done);
    if (form !== false) writeJson(context, envelope, form);
    else if (done.output !== undefined)
      context.process.stdout.write(done.output.endsWith('\n') ? done.output : `${done.output}\n`);
    if (form === false && done.fix !== undefined) writeError(context, envelope);
    return done.exitCode ?? exitCodes.done;
  } catch (error) {
    const exitCode = context.signal.aborted ? exitCodes.interrupted : exitCodeOf(error);
    const envelope = errorEnvelope(error, { exitCode, directory: context.directory });
    if (form !== false) writeJson(context, envelope, form);
    else writeError(context, envelope);
    return exitCode;
  }
}

export function writeJson({ process: { stdout } }: CliContext, envelope: Envelope, form: true | 'lines' = true): void {
  stdout.write(`${form === 'lines' ? JSON.stringify(envelope) : JSON.stringify(envelope, null, 2)}\n`);
}

function doneEnvelope(done: Done): Envelope {
  const failed = done.exitCode !== undefined && done.exitCode !== exitCodes.done;
  return {
    status: failed ? 'error' : 'ok',
    code: done.code,
    message: done.message,
    fix: done.fix ?? null,
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
