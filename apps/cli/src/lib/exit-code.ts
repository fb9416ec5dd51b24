/** The exit codes of every command; docs/cli.md documents them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  environment: 3,
  budget: 4,
  breaking: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What the user asked for, or wrote into the configuration, cannot be done. */
const USAGE = new Set([
  'USAGE',
  'API_INVALID',
  'API_MISSING',
  'APPLICATION_UNSTARTABLE',
  'ARCHIVE_INVALID',
  'AUTH_MISSING',
  'BASE_UNTOLD',
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
  'DIRECTORY_MISSING',
  'DIRECTORY_NOT_EMPTY',
  'DOCKERFILE_OPTION_INVALID',
  'DOCKERFILE_PROJECT_UNREADABLE',
  'DOCKERFILE_TOO_LARGE',
  'DOCKERFILE_UNREADABLE',
  'DOCKER_CONTEXT_INVALID',
  'DOCKER_HOST_INVALID',
  'FILE_MISSING',
  'FILE_NO_TEXT',
  'FILE_TAKEN',
  'IMAGE_MISSING',
  'IMAGE_READ_ONLY',
  'IMAGE_TAG_UNCLEAR',
  'KEY_INVALID',
  'KEY_UNUSABLE',
  'LAYOUT_INVALID',
  'LOCKFILE_MISSING',
  'LOCK_INVALID',
  'OUTPUT_NOT_EMPTY',
  'OUT_DIRECTORY_UNSAFE',
  'PLATFORM_NOT_FOUND',
  'PLATFORM_UNAVAILABLE',
  'PROJECT_EMPTY',
  'PROJECT_MISSING',
  'REFERENCE_INVALID',
  'REGISTRIES_INVALID',
  'RUN_UNKNOWN',
  'SERVER_NOT_BUILT',
  'SIGNING_KEY_INVALID',
  'TEMPLATE_UNKNOWN',
  'WORKSPACE_UNSUPPORTED',
]);

/** The machine or the network is not as it must be: the same command works where it is. */
const ENVIRONMENT = new Set([
  'CACHE_NOT_SERVED',
  'COMPILER_MISSING',
  'CREDENTIALS_UNREADABLE',
  'CREDENTIAL_HELPER_FAILED',
  'DOCKER_BUILDX_MISSING',
  'DOCKER_CONNECTION_LOST',
  'DOCKER_DISK_FULL',
  'DOCKER_NOT_RUNNING',
  'DOCKER_PERMISSION_DENIED',
  'DOCKER_REGISTRY_REFUSED',
  'DOCKER_TOO_OLD',
  'DOCTOR_FAILED',
  'HOST_BASE_UNSUPPORTED',
  'HOST_LIBRARY_MISSING',
  'REGISTRY_DENIED',
  'REGISTRY_UNAVAILABLE',
  // Of the operating system, also inside another error.
  'EACCES',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EDQUOT',
  'EEXIST',
  'EHOSTUNREACH',
  'EISDIR',
  'ELOOP',
  'EMFILE',
  'ENOSPC',
  'ENOTDIR',
  'ENOTFOUND',
  'EPERM',
  'EROFS',
  'ETIMEDOUT',
]);

/** Which exit code a failure means. Looks through wrapped errors for the one that names the cause. */
export function exitCodeOf(error: unknown): ExitCode {
  for (const code of errorCodes(error)) {
    if (code === 'INTERRUPTED' || code === 'ABORT_ERR') return exitCodes.interrupted;
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
