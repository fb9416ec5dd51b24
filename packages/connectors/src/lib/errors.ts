export type ConnectorErrorCode =
  | 'LIBRARY_MISSING'
  | 'SETTING_MISSING'
  | 'SETTING_INVALID'
  | 'CONNECTION_FAILED'
  | 'CONNECTOR_CLOSED'
  | 'CONNECTION_TIMEOUT'
  | 'REQUEST_REFUSED'
  | 'REDIRECT_NOT_FOLLOWED'
  | 'REQUEST_FAILED'
  | 'REQUEST_TIMEOUT'
  | 'RESPONSE_STATUS'
  | 'RESPONSE_INVALID'
  | 'RESPONSE_TOO_LARGE'
  | 'COMMAND_TIMEOUT'
  | 'TRANSACTION_ASYNC'
  | 'TRANSACTION_ABORTED';

/** What this package throws. Compare `code`: two installed versions of a package are two classes. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly code: ConnectorErrorCode;
  /** What to do about it. */
  readonly hint?: string;
  /** Numbers and names the message is made of; never an address with credentials. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: ConnectorErrorCode,
    message: string,
    options: {
      readonly hint?: string;
      readonly facts?: Readonly<Record<string, unknown>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
    this.facts = options.facts ?? {};
  }
}

export function libraryMissing(library: string, service: string, cause: unknown): ConnectorError {
  return new ConnectorError('LIBRARY_MISSING', `Cannot connect to ${service}: "${library}" is not installed`, {
    cause,
    facts: { library },
    hint: `Install it: npm install ${library}`,
  });
}

export function settingMissing(service: string, setting: string): ConnectorError {
  return new ConnectorError('SETTING_MISSING', `Cannot connect to ${service}: "${setting}" is not set`, {
    facts: { setting },
    hint: 'Set the environment variable or the value that the connector reads it from',
  });
}

export function settingInvalid(service: string, setting: string, reason: string): ConnectorError {
  return new ConnectorError('SETTING_INVALID', `Cannot connect to ${service}: "${setting}" ${reason}`, {
    facts: { setting },
  });
}

export function connectionFailed(service: string, cause: unknown): ConnectorError {
  return new ConnectorError('CONNECTION_FAILED', `Cannot connect to ${service}: ${reasonOf(cause)}`, {
    cause,
    hint: 'Check that it runs, and its address and credentials',
  });
}

export function connectorClosed(service: string): ConnectorError {
  return new ConnectorError('CONNECTOR_CLOSED', `Cannot use ${service}: the connector is closed`);
}

export function acquireTimedOut(milliseconds: number): ConnectorError {
  return new ConnectorError(
    'CONNECTION_TIMEOUT',
    `Cannot get a connection: none was ready within ${milliseconds / 1000} s`,
    {
      facts: { milliseconds },
      hint: 'Use connections for less time, or raise "max" or "acquireTimeout"',
    },
  );
}

export function requestRefused(path: string, reason: string): ConnectorError {
  return new ConnectorError('REQUEST_REFUSED', `Cannot request "${shorten(path)}": ${reason}`, {
    hint: 'Give a path below the base address; put values into it with encodeURIComponent',
  });
}

export function redirectRefused(path: string, reason: string): ConnectorError {
  return new ConnectorError('REDIRECT_NOT_FOLLOWED', `Cannot follow the answer to "${shorten(path)}": ${reason}`);
}

export function requestFailed(method: string, path: string, cause: unknown): ConnectorError {
  return new ConnectorError('REQUEST_FAILED', `Cannot ${method} "${shorten(path)}": ${reasonOf(cause)}`, { cause });
}

export function requestTimedOut(method: string, path: string, milliseconds: number): ConnectorError {
  const seconds = milliseconds / 1000;
  return new ConnectorError('REQUEST_TIMEOUT', `Cannot ${method} "${shorten(path)}": no answer within ${seconds} s`, {
    facts: { milliseconds },
  });
}

/** @param body the answer's own, parsed where it is JSON: a fact for those who know the API, not part of the message. */
export function responseStatus(
  method: string,
  path: string,
  { status, body }: { readonly status: number; readonly body: unknown },
): ConnectorError {
  return new ConnectorError('RESPONSE_STATUS', `Cannot ${method} "${shorten(path)}": answered ${status}`, {
    facts: { method, path, status, body },
  });
}

export function responseInvalid(method: string, path: string, cause: unknown): ConnectorError {
  return new ConnectorError('RESPONSE_INVALID', `Cannot ${method} "${shorten(path)}": the answer is not JSON`, {
    cause,
  });
}

export function responseTooLarge(method: string, path: string, maxBytes: number): ConnectorError {
  const message = `Cannot ${method} "${shorten(path)}": the answer exceeds ${maxBytes} bytes`;
  return new ConnectorError('RESPONSE_TOO_LARGE', message, {
    facts: { maxBytes },
    hint: 'Ask for less at a time, or raise "maxResponseBytes"',
  });
}

export function commandTimedOut(milliseconds: number): ConnectorError {
  return new ConnectorError('COMMAND_TIMEOUT', `Cannot run the command: no answer within ${milliseconds / 1000} s`, {
    facts: { milliseconds },
  });
}

export function transactionAsync(): ConnectorError {
  return new ConnectorError('TRANSACTION_ASYNC', 'Cannot run the transaction: its function returned a promise', {
    hint: 'SQLite answers at once: do all of the transaction without waiting',
  });
}

export function transactionAborted(): ConnectorError {
  return new ConnectorError('TRANSACTION_ABORTED', 'Cannot commit the transaction: one of its statements failed', {
    hint: 'Let the failure of a statement leave the function of the transaction',
  });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Attempts on several addresses fail with an error that has no words of its own.
  const [first] = cause instanceof AggregateError ? cause.errors : [];
  return cause.message || (first instanceof Error ? first.message : cause.name);
}

function shorten(path: string): string {
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}
