import type { CliContext } from '../context.ts';
import { type ExitCode, exitCodeOf, exitCodes } from '../exit-code.ts';
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
    const envelope = errorEnvelope(error, exitCode);
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

/** A failure as data: code, sentence, what to do, and where. */
export function errorEnvelope(error: unknown, exitCode: ExitCode): Envelope {
  if (exitCode === exitCodes.interrupted)
    return { status: 'error', code: 'INTERRUPTED', message: 'Interrupted', fix: null, next: [] };
  const failure = failureOf(error);
  const cause = rootCause(failure);
  return {
    status: 'error',
    code: readText(cause, 'code') ?? 'INTERNAL',
    message: systemMessage(failure) ?? messageOf(failure),
    fix: readText(failure, 'hint') ?? readText(cause, 'hint') ?? systemHint(cause) ?? null,
    next: [],
    ...position(failure),
    ...(failure === error ? {} : position(error)),
  };
}

/** That a step failed says nothing: what it failed of does. */
function failureOf(error: unknown): unknown {
  return readText(error, 'code') === 'STEP_FAILED' && error instanceof Error && error.cause !== undefined
    ? error.cause
    : error;
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

/** A library's error says it best; a system error inside a wrapper names the code. */
function rootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && !hasOwnCode(current) && current.cause instanceof Error) current = current.cause;
  return current;
}

function hasOwnCode(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string';
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? error.name : error.message;
}

/** `ENOSPC: no space left on device, copyfile 'a' -> 'b'` names a call; people want to know what could not be done. */
function systemMessage(error: unknown): string | undefined {
  const call = readText(error, 'syscall');
  if (call === undefined || !(error instanceof Error)) return undefined;
  const path = readText(error, 'dest') ?? readText(error, 'path');
  const state = /^[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? readText(error, 'code') ?? error.message;
  const verb = ['open', 'read', 'scandir', 'lstat', 'stat'].includes(call) ? 'read' : 'write';
  return path === undefined ? `Cannot ${verb}: ${state}` : `Cannot ${verb} "${path}": ${state}`;
}

function readText(value: unknown, field: string): string | undefined {
  const found: unknown = value instanceof Error && field in value ? Reflect.get(value, field) : undefined;
  return typeof found === 'string' ? found : undefined;
}

function position(error: unknown): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const field of ['file', 'line', 'column', 'step'] as const) {
    const value: unknown = error instanceof Error && field in error ? Reflect.get(error, field) : undefined;
    if (typeof value === 'string' || typeof value === 'number') found[field] = value;
  }
  return found;
}

function systemHint(error: unknown): string | undefined {
  switch (readText(error, 'code')) {
    case 'ENOSPC':
      return 'The disk is full: free some space, or remove .cache/mcpgen';
    case 'EACCES':
    case 'EPERM':
      return 'Check who owns that path';
    case 'EROFS':
      return 'That file system is read-only: choose another place with --out';
    default:
      return undefined;
  }
}
