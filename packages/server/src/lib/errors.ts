export type ServerErrorCode =
  | 'MANIFEST_UNREADABLE'
  | 'MANIFEST_INVALID'
  | 'MODULE_UNREADABLE'
  | 'MODULE_INVALID'
  | 'DEFINITION_INVALID'
  | 'CONNECTOR_MISSING'
  | 'LISTEN_FAILED'
  | 'LISTEN_REFUSED'
  | 'ARGUMENT_INVALID'
  | 'NODE_TOO_OLD';

/** Everything this package throws on purpose. Compare `code`: two installed versions are two classes. */
export class ServerError extends Error {
  readonly code: ServerErrorCode;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(
    code: ServerErrorCode,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ServerError';
    this.code = code;
    this.hint = options.hint;
  }
}

export function manifestUnreadable(location: string, cause: unknown): ServerError {
  return new ServerError('MANIFEST_UNREADABLE', `Cannot read manifest "${location}": ${reason(cause)}`, {
    cause,
    hint: 'Run mcpgen build again.',
  });
}

export function manifestInvalid(location: string, state: string, cause?: unknown): ServerError {
  return new ServerError('MANIFEST_INVALID', `Cannot use manifest "${location}": ${state}`, {
    cause,
    hint: 'Build the server again with the version of mcpgen that it runs with.',
  });
}

export function moduleUnreadable(path: string, cause: unknown): ServerError {
  return new ServerError('MODULE_UNREADABLE', `Cannot load "${path}": ${reason(cause)}`, { cause });
}

export function moduleInvalid(path: string, state: string): ServerError {
  return new ServerError('MODULE_INVALID', `Cannot use "${path}": ${state}`);
}

export function definitionInvalid(what: string, state: string, hint?: string): ServerError {
  return new ServerError('DEFINITION_INVALID', `Cannot serve ${what}: ${state}`, hint === undefined ? {} : { hint });
}

export function connectorMissing(name: string): ServerError {
  return new ServerError('CONNECTOR_MISSING', `Cannot open connector "${name}": the server has none of that name`, {
    hint: 'Add a file of that name to connectors/, or give the connector object itself.',
  });
}

export function nodeTooOld(version: string): ServerError {
  return new ServerError('NODE_TOO_OLD', `Cannot start on Node ${version}: it needs 22.18 or later`, {
    hint: 'Start it with a newer Node.',
  });
}

export function listenFailed(host: string, port: number, cause: unknown): ServerError {
  return new ServerError('LISTEN_FAILED', `Cannot listen on "${host}:${port}": ${reason(cause)}`, {
    cause,
    hint: 'Set PORT or HOST to an address that is free.',
  });
}

export function listenRefused(host: string): ServerError {
  return new ServerError('LISTEN_REFUSED', `Cannot listen on "${host}": it is not a loopback address`, {
    hint: 'Set MCPGEN_ALLOW_REMOTE=1 if others may reach this server, or HOST=127.0.0.1.',
  });
}

export function argumentInvalid(what: string, state: string): ServerError {
  return new ServerError('ARGUMENT_INVALID', `Cannot start the server: ${what} ${state}`);
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
