/** The exit codes of every command; docs/cli.md documents them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  environment: 3,
  budget: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const USAGE = new Set([
  'USAGE',
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
  'SERVER_NOT_BUILT',
  'PROJECT_MISSING',
  'PROJECT_EMPTY',
  'REFERENCE_INVALID',
  'TEMPLATE_UNKNOWN',
  'TARGET_NOT_EMPTY',
  'PLATFORM_UNAVAILABLE',
]);

const ENVIRONMENT = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ECONNRESET',
  'EHOSTUNREACH',
  'REGISTRY_UNREACHABLE',
  'DAEMON_UNREACHABLE',
  'DAEMON_FORBIDDEN',
  'NODE_TOO_OLD',
  'OUTPUT_UNWRITABLE',
  'DOCTOR_FAILED',
]);

/** Which exit code a failure means. Looks through wrapped errors for the one that names the cause. */
export function exitCodeOf(error: unknown): ExitCode {
  for (const code of errorCodes(error)) {
    if (code === 'INTERRUPTED' || code === 'ABORT_ERR') return exitCodes.interrupted;
    if (code === 'BUDGET_EXCEEDED') return exitCodes.budget;
    if (USAGE.has(code)) return exitCodes.usage;
    if (ENVIRONMENT.has(code)) return exitCodes.environment;
  }
  return exitCodes.failed;
}

function* errorCodes(error: unknown): Generator<string> {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; current = current.cause, depth++) {
    if ('code' in current && typeof current.code === 'string') yield current.code;
    else if (current.name === 'AbortError') yield 'ABORT_ERR';
  }
}
