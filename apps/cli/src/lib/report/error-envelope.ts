import { interrupted } from '../errors.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { Envelope } from './envelope.ts';
import { describeSystemError, systemHint } from './system-error.ts';

export interface ErrorEnvelopeOptions {
  readonly exitCode: ExitCode;
  /** Where the user stands: paths below it are shown relative to it. */
  readonly directory: string;
}

/** A failure as data: code, sentence, what to do, and where. */
export function errorEnvelope(thrown: unknown, { exitCode, directory }: ErrorEnvelopeOptions): Envelope {
  // Whatever was under way when the user stopped it is no failure of its own.
  const error = exitCode === exitCodes.interrupted ? interrupted() : thrown;
  const failure = failureOf(error);
  const cause = rootCause(failure);
  const shown = (text: string): string => relativePaths(text, directory);
  const fix = readText(failure, 'hint') ?? readText(cause, 'hint') ?? systemHint(readText(cause, 'code'));
  return {
    status: 'error',
    code: readText(cause, 'code') ?? 'INTERNAL',
    message: shown(describeSystemError(failure) ?? messageOf(failure)),
    fix: fix === undefined ? null : shown(fix),
    next: [],
    ...position(failure, shown),
    ...(failure === error ? {} : position(error, shown)),
  };
}

/** Paths below where the user stands, as the user would type them. */
function relativePaths(text: string, directory: string): string {
  if (directory === '/') return text;
  return text.replaceAll(`${directory}/`, '').replaceAll(`"${directory}"`, '"."');
}

/** That a step failed says nothing: what it failed of does. */
function failureOf(error: unknown): unknown {
  return readText(error, 'code') === 'STEP_FAILED' && error instanceof Error && error.cause !== undefined
    ? error.cause
    : error;
}

/** A library's error says it best; a system error inside a wrapper names the code. */
function rootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && readText(current, 'code') === undefined && current.cause instanceof Error) {
    current = current.cause;
  }
  return current;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? error.name : error.message;
}

function readText(value: unknown, field: string): string | undefined {
  const found: unknown = value instanceof Error && field in value ? Reflect.get(value, field) : undefined;
  return typeof found === 'string' ? found : undefined;
}

function position(error: unknown, shown: (text: string) => string): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const field of ['file', 'line', 'column', 'step'] as const) {
    const value: unknown = error instanceof Error && field in error ? Reflect.get(error, field) : undefined;
    if (typeof value === 'number') found[field] = value;
    if (typeof value === 'string') found[field] = shown(value);
  }
  return found;
}
