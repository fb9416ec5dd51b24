/**
 * What of an author's error may reach a client: its message, for it says what went wrong with the request, but neither
 * stack nor paths of the machine. System errors carry paths in their message, so only their code is told.
 */
export function tellingMessage(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? firstLines(error) : NO_ERROR;
  if ('syscall' in error && 'code' in error && typeof error.code === 'string')
    return `${error.code} in ${error.syscall}`;
  return firstLines(error.message) || error.name;
}

const NO_ERROR = 'it threw something that is no error';

/** What was thrown, or an error in its place where it throws itself when it is looked at, as proxies and getters can. */
export function safeError(error: unknown): unknown {
  try {
    if (error instanceof Error) String([error.name, error.message, error.stack, error.cause]);
    else String(error);
    return error;
  } catch {
    return new TypeError(NO_ERROR);
  }
}

/** Absolute paths of POSIX and Windows with two names or more, and `file:` URLs. */
const PATHS = /file:\/\/\/\S+|(?<![\w./:-])(?:\/[\w.@+-]+){2,}\/?|\b[A-Za-z]:\\[\w.@+\\-]+/g;

function firstLines(message: string): string {
  const stack = message.search(/\n\s+at /);
  return (stack === -1 ? message : message.slice(0, stack)).slice(0, 4096).replace(PATHS, '(path)');
}
