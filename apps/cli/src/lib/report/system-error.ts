const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'Check who owns that path',
  EEXIST: 'Remove it, or choose another place with --out',
  EISDIR: 'Name a file: that is a directory',
  ELOOP: 'A link there leads to itself: remove it',
  EMFILE: 'Too many files are open: raise the limit with ulimit -n',
  ENOSPC: 'The disk is full: free some space, or remove .cache/mcpgen',
  ENOTDIR: 'A part of that path is a file: remove it, or choose another place with --out or cache.directory',
  EPERM: 'Check who owns that path',
  EROFS: 'That file system is read-only: choose another place with --out or cache.directory',
};

/** What to do about an error of the operating system. */
export function systemHint(code: string | undefined): string | undefined {
  return code === undefined ? undefined : HINTS[code];
}

const READS: ReadonlySet<string> = new Set(['read', 'scandir', 'lstat', 'stat', 'readlink']);

/**
 * `ENOSPC: no space left on device, copyfile 'a' -> 'b'` names a call; people want to know what could not be done.
 * `undefined` for any other error.
 */
export function describeSystemError(error: unknown): string | undefined {
  if (!isSystemError(error)) return undefined;
  const { syscall, code } = error;
  const path = error.dest ?? error.path;
  const state = /^[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? code ?? error.message;
  // A file is opened to be read, or for the first time to be written: only then is it named as a temporary one.
  const reads = READS.has(syscall) || (syscall === 'open' && path?.endsWith('.tmp') !== true);
  const what = path === undefined ? '' : ` "${path.replace(/\.[0-9a-f-]+\.tmp(?=\/|$)/, '')}"`;
  return `Cannot ${reads ? 'read' : 'write'}${what}: ${state}`;
}

interface SystemError extends Error {
  readonly syscall: string;
  readonly code?: string;
  readonly path?: string;
  readonly dest?: string;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string';
}
