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

export function projectMissing(directory: string): CliError {
  return new CliError('DIRECTORY_MISSING', `Cannot read project "${directory}": there is no such directory`, {
    hint: 'Start a new one with "mcpgen init"',
  });
}

export function serverNotBuilt(directory: string): CliError {
  return new CliError('SERVER_NOT_BUILT', `Cannot start ${directory}: there is no built server in it`, {
    hint: 'Run "mcpgen build" first',
  });
}

export function interrupted(): CliError {
  return new CliError('INTERRUPTED', 'Interrupted');
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

export function typeCheckFailed(output: string, count: number): CliError {
  return new CliError(
    'TYPE_CHECK_FAILED',
    `Cannot accept the types: ${count} ${count === 1 ? 'error' : 'errors'}\n${output}`,
    {
      hint: 'Mend them, or build with --no-typecheck',
    },
  );
}
