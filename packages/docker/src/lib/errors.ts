/** Every code that a `DockerError` can carry; the README says what each means and what to do. */
export type DockerErrorCode =
  | 'DOCKER_BASE_NOT_FOUND'
  | 'DOCKER_BUILD_FAILED'
  | 'DOCKER_BUILDX_MISSING'
  | 'DOCKER_CONNECTION_LOST'
  | 'DOCKER_CONTEXT_INVALID'
  | 'DOCKER_DISK_FULL'
  | 'DOCKER_HOST_INVALID'
  | 'DOCKER_IMAGE_NOT_FOUND'
  | 'DOCKER_LOAD_FAILED'
  | 'DOCKER_NOT_RUNNING'
  | 'DOCKER_PERMISSION_DENIED'
  | 'DOCKER_REFUSED'
  | 'DOCKER_REGISTRY_REFUSED'
  | 'DOCKER_SECRET_MISSING'
  | 'DOCKER_TOO_OLD';

/** What a `DockerError` knows beyond its message. */
export interface DockerErrorFacts {
  readonly host?: string;
  readonly status?: number;
  readonly image?: string;
  /** Of a build: the step that failed, `RUN npm ci`. */
  readonly step?: string;
  /** Of a build: the last lines that the step printed. */
  readonly lines?: readonly string[];
}

interface DockerErrorInit {
  readonly code: DockerErrorCode;
  readonly hint?: string | undefined;
  readonly facts?: DockerErrorFacts;
  readonly cause?: unknown;
}

/** The only error this package throws on purpose. Compare `code`: two installed versions are two classes. */
export class DockerError extends Error {
  override readonly name = 'DockerError';
  readonly code: DockerErrorCode;
  /** What to do about it, as a sentence of its own. */
  readonly hint: string | undefined;
  readonly facts: DockerErrorFacts;

  constructor(message: string, { code, hint, facts = {}, cause }: DockerErrorInit) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.facts = facts;
  }
}

export function dockerHostInvalid(host: string, problem: string, hint?: string): DockerError {
  return new DockerError(`Cannot use "${host}" as a Docker host: ${problem}`, {
    code: 'DOCKER_HOST_INVALID',
    hint: hint ?? 'Expected "unix:///var/run/docker.sock" or "tcp://host:2376" with TLS files.',
    facts: { host },
  });
}

export function dockerContextInvalid(name: string, problem: string, cause?: unknown): DockerError {
  return new DockerError(`Cannot use the Docker context "${name}": ${problem}`, {
    code: 'DOCKER_CONTEXT_INVALID',
    hint: '`docker context ls` shows those that there are; `docker context use default` goes back to the default socket.',
    cause,
  });
}

export function dockerTooOld(host: string, found: string, needed: string): DockerError {
  return new DockerError(`Cannot use Docker at "${host}": it speaks API ${found}, ${needed} is needed`, {
    code: 'DOCKER_TOO_OLD',
    hint: 'Update Docker to 20.10 or later.',
    facts: { host },
  });
}

export function loadFailed(host: string, said: string, cause?: unknown): DockerError {
  return new DockerError(`Cannot load the image into Docker at "${host}": ${oneLine(said)}`, {
    code: 'DOCKER_LOAD_FAILED',
    hint: 'See whether its disk is full and whether it knows the compression of the layers; gzip is known to all.',
    facts: { host },
    cause,
  });
}

/** A build that failed: `said` is BuildKit's own word for it. */
export function dockerBuildError(
  said: string,
  { code, hint, ...facts }: DockerErrorFacts & { readonly code: DockerErrorCode; readonly hint: string },
): DockerError {
  const { step, lines = [] } = facts;
  const where = step === undefined ? '' : ` in step "${oneLine(step)}"`;
  const printed = lines.map((line) => `\n  ${oneLine(line)}`).join('');
  return new DockerError(`Cannot build the image${where}: ${oneLine(said)}${printed}`, { code, hint, facts });
}

export function dockerBuildxMissing(command: string, said: string): DockerError {
  return new DockerError(`Cannot build with buildx: "${command} buildx" cannot be run (${oneLine(said)})`, {
    code: 'DOCKER_BUILDX_MISSING',
    hint: 'Install the buildx plugin of Docker, or build without it: `--builder docker` needs the engine alone.',
  });
}

/**
 * Gives an error of the client library or of the socket its code. What is an error of ours already, and what was aborted,
 * stays as it is.
 */
export function dockerFailure(action: string, host: string, cause: unknown): unknown {
  if (cause instanceof DockerError || !(cause instanceof Error) || cause.name === 'AbortError') return cause;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const known = CONNECTION_ERRORS.get(code);
  if (known !== undefined)
    return new DockerError(`Cannot ${action}: ${known.state(host)}`, { ...known, facts: { host }, cause });
  if ('statusCode' in cause && typeof cause.statusCode === 'number')
    return refused(action, host, { cause, status: cause.statusCode });
  return new DockerError(`Cannot ${action}: the connection to "${host}" failed (${oneLine(code || cause.message)})`, {
    code: 'DOCKER_CONNECTION_LOST',
    hint: 'See whether Docker is still running, then try again.',
    facts: { host },
    cause,
  });
}

interface ConnectionError {
  readonly code: DockerErrorCode;
  readonly hint: string;
  readonly state: (host: string) => string;
}

const NOT_RUNNING: ConnectionError = {
  code: 'DOCKER_NOT_RUNNING',
  hint: 'Start Docker, or set DOCKER_HOST to where it listens. Building an image needs no Docker: only loading it does.',
  state: (host) => `no Docker answers at "${host}"`,
};

const PERMISSION: ConnectionError = {
  code: 'DOCKER_PERMISSION_DENIED',
  hint: 'Add yourself to the group "docker" (`sudo usermod -aG docker $USER`, then log in again), or use rootless Docker.',
  state: (host) => `you may not open "${host}"`,
};

const CONNECTION_ERRORS: ReadonlyMap<string, ConnectionError> = new Map([
  ['ENOENT', NOT_RUNNING],
  ['ECONNREFUSED', NOT_RUNNING],
  ['ENOTFOUND', NOT_RUNNING],
  ['EHOSTUNREACH', NOT_RUNNING],
  ['ETIMEDOUT', NOT_RUNNING],
  ['ENOTSOCK', NOT_RUNNING],
  ['EACCES', PERMISSION],
  ['EPERM', PERMISSION],
]);

function refused(action: string, host: string, { cause, status }: { cause: Error; status: number }): DockerError {
  const missing = status === 404 && /no such image/i.test(cause.message);
  return new DockerError(`Cannot ${action}: Docker answered ${oneLine(cause.message)}`, {
    code: missing ? 'DOCKER_IMAGE_NOT_FOUND' : 'DOCKER_REFUSED',
    hint: missing ? 'Load or pull the image first.' : undefined,
    facts: { host, status },
    cause,
  });
}

/** What the daemon says, fit for one line of a terminal. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 500);
}
