export type RuntimePerfErrorCode =
  | 'DEADLINE_EXCEEDED'
  | 'QUEUE_FULL'
  | 'NOT_CANONICAL'
  | 'STORE_UNREACHABLE'
  | 'POOL_CLOSED'
  | 'POOL_OPEN_FAILED'
  | 'ACQUIRE_TIMEOUT'
  | 'WORKER_MODULE_INVALID'
  | 'WORKER_INPUT_INVALID'
  | 'WORKER_RESULT_INVALID'
  | 'WORKER_UNSUPPORTED'
  | 'WORKER_OUT_OF_MEMORY'
  | 'WORKER_DIED'
  | 'WORKER_NOT_STARTED';

/** What this package throws. Compare `code`: two installed versions of a package are two classes. */
export class RuntimePerfError extends Error {
  override readonly name = 'RuntimePerfError';
  readonly code: RuntimePerfErrorCode;
  /** What to do about it. */
  readonly hint?: string;
  /** Numbers and names the message is made of. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: RuntimePerfErrorCode,
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

export function deadlineExceeded(milliseconds: number): RuntimePerfError {
  return new RuntimePerfError('DEADLINE_EXCEEDED', `Call timed out: no result after ${milliseconds / 1000} s`, {
    facts: { milliseconds },
    hint: 'Make the handler faster, let it report progress in parts, or give it a longer deadline',
  });
}

export function queueFull(limits: { readonly concurrency: number; readonly queue: number }): RuntimePerfError {
  return new RuntimePerfError(
    'QUEUE_FULL',
    `Cannot take the call: ${limits.concurrency} running and ${limits.queue} waiting is the limit`,
    { facts: { ...limits }, hint: 'Try again later, or raise "concurrency" or "queue"' },
  );
}

export function notCanonical(path: string, found: string): RuntimePerfError {
  return new RuntimePerfError('NOT_CANONICAL', `Cannot write canonical JSON: "${path}" is ${found}`, {
    facts: { path, found },
    hint: 'Use strings, finite numbers, booleans, null, arrays and plain objects only',
  });
}

export function storeUnreachable(cause: unknown): RuntimePerfError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RuntimePerfError('STORE_UNREACHABLE', `Cannot clear results in Redis: ${reason}`, {
    cause,
    hint: 'Clear them again once Redis answers: until then they may still be answered',
  });
}

export function poolClosed(): RuntimePerfError {
  return new RuntimePerfError('POOL_CLOSED', 'Cannot run the call: the worker pool is closed');
}

export function resourcePoolClosed(): RuntimePerfError {
  return new RuntimePerfError('POOL_CLOSED', 'Cannot borrow from the pool: it is closed');
}

/** @param retryIn milliseconds until the pool tries again. */
export function poolOpenFailed(cause: unknown, retryIn: number): RuntimePerfError {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new RuntimePerfError('POOL_OPEN_FAILED', `Cannot open a connection: ${reason}`, {
    cause,
    facts: { retryIn },
    hint: 'Check that the service runs and that its address and credentials are right',
  });
}

export function acquireTimedOut(milliseconds: number): RuntimePerfError {
  return new RuntimePerfError(
    'ACQUIRE_TIMEOUT',
    `Cannot borrow from the pool: none was free within ${milliseconds / 1000} s`,
    { facts: { milliseconds }, hint: 'Hold connections for less time, or raise "max" or "acquireTimeout"' },
  );
}

export function openTimedOut(milliseconds: number): RuntimePerfError {
  return new RuntimePerfError('DEADLINE_EXCEEDED', `Opening timed out: not open after ${milliseconds / 1000} s`, {
    facts: { milliseconds },
  });
}

export function checkTimedOut(milliseconds: number): RuntimePerfError {
  return new RuntimePerfError('DEADLINE_EXCEEDED', `Check timed out: no answer after ${milliseconds / 1000} s`, {
    facts: { milliseconds },
  });
}

export function workerModuleInvalid(module: string, found: string): RuntimePerfError {
  return new RuntimePerfError('WORKER_MODULE_INVALID', `Cannot run "${module}" in a worker: ${found}`, {
    facts: { module },
    hint: 'Export a function, or an object with a "handler" function, as the default',
  });
}

export function workerResultInvalid(reason: string): RuntimePerfError {
  return new RuntimePerfError('WORKER_RESULT_INVALID', `Cannot send the result to the main thread: ${reason}`, {
    hint: 'Return data only: no functions, symbols or open handles',
  });
}

export function workerUnsupported(feature: string): RuntimePerfError {
  return new RuntimePerfError(
    'WORKER_UNSUPPORTED',
    `Cannot call "${feature}" in a worker: the client is out of reach`,
    {
      facts: { feature },
      hint: 'Run the handler on the main thread',
    },
  );
}

/** `issues` is the schema's own list: what is wrong with the input, and where. */
export function workerInputInvalid(issues: readonly unknown[]): RuntimePerfError {
  return new RuntimePerfError('WORKER_INPUT_INVALID', `Cannot accept the input: ${issues.length} things are wrong`, {
    facts: { issues },
  });
}

export function workerOutOfMemory(megabytes: number, cause: unknown): RuntimePerfError {
  return new RuntimePerfError('WORKER_OUT_OF_MEMORY', `Call stopped: its worker needed more than ${megabytes} MB`, {
    facts: { megabytes },
    cause,
    hint: 'Work on less data at a time, or raise "maxHeapMegabytes"',
  });
}

export function workerDied(cause: unknown): RuntimePerfError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RuntimePerfError('WORKER_DIED', `Call stopped: its worker ended: ${reason}`, { cause });
}

export function workerNotStarted(cause: unknown): RuntimePerfError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RuntimePerfError('WORKER_NOT_STARTED', `Cannot start a worker: ${reason}`, {
    cause,
    hint: 'Check "workerUrl" and "maxHeapMegabytes"',
  });
}
