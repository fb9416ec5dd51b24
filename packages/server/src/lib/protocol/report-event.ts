import type { ServerEvent } from './events.ts';

// Not by `import`: see read-manifest.ts.
const { writeSync } = process.getBuiltinModule('node:fs');

/** Says on stderr what an operator should know. */
export function reportEvent(event: ServerEvent): void {
  const line = describe(event);
  if (line !== undefined) say(line);
}

/** One sentence and what to do, for a server that could not start. */
export function reportError(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? ` ${error.hint}` : '';
  say(`${message}.${hint}`);
}

/**
 * Past `process.stderr`, whose first use costs some milliseconds at each start. A log whose reader has left is no reason
 * to stop, and telling of it would fail the same way, for ever.
 */
function say(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  try {
    const written = writeSync(2, bytes);
    if (written < bytes.length) sayLater(bytes.subarray(written));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') sayLater(bytes);
  }
}

let heard = false;

/** To a reader that takes its time. */
function sayLater(bytes: Uint8Array): void {
  if (!heard) process.stderr.on('error', () => undefined);
  heard = true;
  process.stderr.write(bytes);
}

function describe(event: ServerEvent): string | undefined {
  switch (event.type) {
    case 'listening':
      return `Serving MCP at ${event.url}`;
    case 'handler-failed':
      return `${event.what} failed: ${detail(event.error)}`;
    case 'result-invalid':
      return `A result of ${event.what} was not sent: it ${event.reason}`;
    case 'late-failure':
      return `${event.what} failed after its answer: ${detail(event.error)}`;
    case 'stray-error':
      return `Stray error ${event.count}: ${detail(event.error)}`;
    case 'connector-closed-badly':
      return `A connector failed to close: ${detail(event.error)}`;
    case 'not-cached':
      return `Results of ${event.what} are not cached: ${event.reason}`;
    case 'result-store-down':
      return `Results are neither kept nor shared for now: ${messageOf(event.error)}`;
    case 'result-store-up':
      return 'Results are kept and shared again';
    case 'result-refused':
      return `A kept result of ${event.what} was removed: ${event.reason}`;
    case 'refresh-failed':
      return `${event.what} was not renewed: ${event.error === undefined ? 'it failed' : detail(event.error)}`;
    case 'replaced':
    case 'stopped':
      return undefined;
    default:
      return unreachable(event);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The stack is for whoever runs the server. */
function detail(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  caused by ${detail(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

function unreachable(value: never): never {
  throw new TypeError(`Unknown event ${JSON.stringify(value)}`);
}
