/** A failure of the command itself, or a wrong use of it. Failures of the libraries carry their own codes. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

export function usageError(message: string, hint?: string): CliError {
  return new CliError('USAGE', message, hint === undefined ? {} : { hint });
}

export function configInvalid(
  file: string,
  issues: readonly { readonly path: string; readonly message: string }[],
): CliError {
  const list = issues
    .map((issue) => (issue.path === '' ? issue.message : `"${issue.path}": ${issue.message}`))
    .join('; ');
  return new CliError('CONFIG_INVALID', `Cannot use ${file}: ${list}`, {
    hint: 'See docs/configuration.md for every field, or let your editor check it with defineConfig',
  });
}

export function configUnreadable(file: string, cause: unknown): CliError {
  const detail = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new CliError('CONFIG_UNREADABLE', `Cannot load ${file}: ${detail}`, {
    hint: 'It is run by Node itself: use erasable TypeScript only, and export the configuration as default',
    cause,
  });
}

export function interrupted(): CliError {
  return new CliError('INTERRUPTED', 'Interrupted');
}

export function projectMissing(directory: string): CliError {
  return new CliError('DIRECTORY_MISSING', `Cannot read project "${directory}": there is no such directory`, {
    hint: 'Start a new one with "mcpgen init"',
  });
}

export function cacheNotServed(host: string, port: number, cause: unknown): CliError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CliError('CACHE_NOT_SERVED', `Cannot serve the cache on ${host}, port ${port}: ${reason}`, {
    hint: 'Choose another port with --port, or 0 for any that is free',
    cause,
  });
}

export function serverNotBuilt(directory: string): CliError {
  return new CliError('SERVER_NOT_BUILT', `Cannot start ${directory}: there is no built server in it`, {
    hint: 'Run "mcpgen build" first',
  });
}

/** `said` is what the server wrote before it ended with `code`, or null where it was still running after `limit` milliseconds. */
export function serverNotStarted(said: string, code: number | null, limit: number): CliError {
  const ended = code === null ? `it does not serve after ${limit / 1000} seconds` : `it ended with exit code ${code}`;
  const detail = said.trim().replace(/\.$/, '');
  return new CliError('SERVER_NOT_STARTED', `Cannot start the server: ${detail === '' ? ended : detail}`, {
    hint: 'It is started again with the next change',
  });
}

export function lockfileMissing(directory: string): CliError {
  return new CliError('LOCKFILE_MISSING', `Cannot tell the packages of "${directory}": expected one lockfile in it`, {
    hint: 'Of package-lock.json, pnpm-lock.yaml, yarn.lock and bun.lock there must be one: install once, or remove the others',
  });
}

export function runUnknown(name: string, runs: number): CliError {
  return new CliError('RUN_UNKNOWN', `Cannot find build "${name}": there are ${runs}, of which 1 is the latest`, {
    hint: 'See "mcpgen metrics --runs" for their numbers and ids',
  });
}

export function outputNotEmpty(directory: string): CliError {
  return new CliError('OUTPUT_NOT_EMPTY', `Cannot write to "${directory}": it holds files that no build wrote`, {
    hint: 'Choose another place with --out or build.outDirectory, or empty that directory',
  });
}

export function fileMissing(path: string): CliError {
  return new CliError('FILE_MISSING', `Cannot read "${path}": there is no such file`, {
    hint: 'Name the file, or write one with "mcpgen dockerfile --write"',
  });
}

export function fileNoText(path: string): CliError {
  return new CliError('FILE_NO_TEXT', `Cannot read "${path}": it is not text in UTF-8`, {
    hint: 'Name a Dockerfile',
  });
}

export function fileTaken(path: string): CliError {
  return new CliError('FILE_TAKEN', `Cannot write "${path}": it is not as mcpgen wrote it, or not of mcpgen at all`, {
    hint: 'See what would be written with "mcpgen dockerfile", or move that file away',
  });
}

export function workspaceUnsupported(directory: string, root: string): CliError {
  return new CliError(
    'WORKSPACE_UNSUPPORTED',
    `Cannot write a Dockerfile that installs "${directory}": its lockfile lies in "${root}", which would not be in the image`,
    { hint: 'Build it here with "mcpgen build", and take that with --prebuilt' },
  );
}

export function prebuiltUnfit(directory: string): CliError {
  return usageError(
    `Cannot take a server that was built before from "${directory}": it has no tools, resources or prompts`,
    'Leave --prebuilt out: the image then builds the project by its own script',
  );
}

export function applicationUnstartable(directory: string): CliError {
  return new CliError(
    'APPLICATION_UNSTARTABLE',
    `Cannot write a Dockerfile for "${directory}": nothing says what to start`,
    {
      hint: 'Name it in package.json: a script "start" that calls node, "bin" or "main"',
    },
  );
}

export function serverFailed(exitCode: number): CliError {
  return new CliError('SERVER_FAILED', `The server ended with exit code ${exitCode}: what it said is above`);
}

export function outDirectoryUnsafe(out: string, reason: string): CliError {
  return new CliError('OUT_DIRECTORY_UNSAFE', `Cannot build into "${out}": ${reason}`, {
    hint: 'Choose a directory of its own with --out or build.outDirectory, such as dist',
  });
}

export function compilerMissing(directory: string): CliError {
  const state = 'TypeScript is not installed there, or it has no tsconfig.json';
  return new CliError('COMPILER_MISSING', `Cannot check the types of "${directory}": ${state}`, {
    hint: 'npm install --save-dev typescript, or leave --typecheck out',
  });
}

export function platformUnavailable(wanted: string, base: string, offered: string): CliError {
  return new CliError('PLATFORM_UNAVAILABLE', `Cannot build for ${wanted}: the base "${base}" is for ${offered}`, {
    hint: 'Choose a multi-platform base with --base, such as node:24-slim',
  });
}

export function nativePackages(platform: string, packages: readonly string[]): CliError {
  return new CliError(
    'PLATFORM_UNAVAILABLE',
    `Cannot build for ${platform}: ${packages.join(', ')} cannot be bundled and is installed for this machine only`,
    {
      hint: 'Build on a machine of that platform',
    },
  );
}

/** @param where a path or a revision, as the user named it. */
export function apiMissing(where: string, state: string): CliError {
  return new CliError('API_MISSING', `Cannot compare the API with "${where}": ${state}`, {
    hint: 'Write the API of the published version with "mcpgen explain --api --write" and commit it, or name another with --against',
  });
}

export function typeCheckFailed(output: string, count: number): CliError {
  return new CliError(
    'TYPE_CHECK_FAILED',
    `Cannot accept the types: ${count} ${count === 1 ? 'error' : 'errors'}\n${output}`,
    {
      hint: 'Mend them, or build with --no-typecheck',
    },
  );
}

export function imageMissing(name: string): CliError {
  return new CliError('IMAGE_MISSING', `Cannot read image "${name}": there is no such file or directory`, {
    hint: 'Run "mcpgen build" first, or name an image of a registry such as ghcr.io/owner/name:1.0',
  });
}

export function imageTagUnclear(name: string, tags: readonly string[]): CliError {
  const listed = tags.length === 0 ? 'it holds no image' : `it holds ${tags.slice(0, 10).join(', ')}`;
  return new CliError('IMAGE_TAG_UNCLEAR', `Cannot read image "${name}": ${listed}`, {
    hint: `Say which one, such as ${name}:${tags[0] ?? 'latest'}`,
  });
}

export function imageReadOnly(name: string): CliError {
  return new CliError('IMAGE_READ_ONLY', `Cannot write to "${name}": a tar file can only be read`, {
    hint: 'Name an image layout or an image of a registry',
  });
}

export function baseUntold(name: string): CliError {
  return new CliError('BASE_UNTOLD', `Cannot rebase "${name}": it does not say what it was built on`, {
    hint: 'Name that image with --old-base, or build it again with --base',
  });
}

export function lockInvalid(file: string, problem: string): CliError {
  return new CliError('LOCK_INVALID', `Cannot read "${file}": ${problem}`, {
    hint: 'Restore it from version control, or remove it and run "mcpgen update"',
  });
}

/** `name` is a variable or a file; nothing of the key itself may be told. */
export function keyUnusable(name: string, problem: string, hint: string, cause?: unknown): CliError {
  return new CliError('KEY_UNUSABLE', `Cannot use the key in "${name}": ${problem}`, { hint, cause });
}

export function registriesInvalid(file: string, problem: string, cause?: unknown): CliError {
  return new CliError('REGISTRIES_INVALID', `Cannot use "${file}": ${problem}`, {
    hint: 'See "Registries" in docs/configuration.md for what it may hold',
    cause,
  });
}
