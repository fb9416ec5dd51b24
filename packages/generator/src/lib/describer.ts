import type { DescribeRequest } from './describe-messages.ts';
import { type DescribeOutcome, type DescriberChild, startDescriberChild } from './describer-child.ts';
import type { Description } from './description.ts';
import { describerClosed, type GeneratorError, moduleExited, moduleOutOfMemory, moduleTimeout } from './errors.ts';
import type { OnGeneratorEvent } from './event.ts';

export interface DescriberOptions {
  /** Milliseconds that a module may take to load, default 10,000. */
  readonly deadline?: number | undefined;
  /** Child processes at once, default 1. Each loads one module at a time, so that the culprit is known. */
  readonly concurrency?: number | undefined;
  readonly onEvent?: OnGeneratorEvent | undefined;
  /** Kills the children and rejects what waits with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The Node that loads the modules, default the running one. */
  readonly execPath?: string | undefined;
  /**
   * All that modules find in their environment, besides NODE_ENV `production`, TZ `UTC` and LC_ALL `C.UTF-8`, which it may
   * replace. Default: nothing. What a description depends on must be known to whoever keeps it.
   */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export interface Describer {
  /**
   * Loads a module in a child process and returns what it defines.
   *
   * @throws GeneratorError that names the source, when the module fails, hangs, or defines something else.
   */
  describe(request: DescribeRequest): Promise<Description>;
  /**
   * Starts the next child before it is needed. A child knows a module as it first loaded it: call this whenever files
   * may have changed, and what is described from then on is loaded anew.
   */
  prewarm(): void;
  /** Kills the children. What still waits is refused. */
  close(): void;
}

/** Describes modules in child processes: what they print, keep open, or bring down stays there. */
export function createDescriber(options: DescriberOptions = {}): Describer {
  const {
    deadline = 10_000,
    concurrency = 1,
    onEvent,
    signal,
    execPath = process.execPath,
    environment = {},
  } = options;
  const state: State = { queue: [], slots: [], generation: 0, closed: false, start, deadline };
  for (let index = 0; index < concurrency; index++)
    state.slots.push({ child: undefined, generation: 0, current: undefined, loaded: new Set() });

  function start(currentFile: () => string | undefined): DescriberChild {
    return startDescriberChild({ execPath, environment, onEvent, currentFile });
  }
  function close(reason?: unknown): void {
    if (state.closed) return;
    state.closed = true;
    signal?.removeEventListener('abort', onAbort);
    for (const slot of state.slots) retire(slot);
    const jobs = [...state.slots.flatMap(({ current }) => current ?? []), ...state.queue.splice(0)];
    for (const job of jobs) job.reject(reason ?? describerClosed(job.request.file));
  }
  function onAbort(): void {
    close(signal?.reason);
  }
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();

  return {
    describe(request) {
      if (state.closed) return Promise.reject(signal?.aborted ? signal.reason : describerClosed(request.file));
      return new Promise((resolve, reject) => {
        state.queue.push({ request, resolve, reject });
        schedule(state);
      });
    },
    prewarm() {
      if (state.closed) return;
      state.generation++;
      const idle = state.slots.find(({ current }) => current === undefined);
      if (idle !== undefined) renew(idle, state);
    },
    close: () => close(),
  };
}

interface Job {
  readonly request: DescribeRequest;
  readonly resolve: (description: Description) => void;
  readonly reject: (reason: unknown) => void;
}

interface Slot {
  child: DescriberChild | undefined;
  generation: number;
  current: Job | undefined;
  /** Modules that this child has loaded, and would not load again. */
  loaded: Set<string>;
}

interface State {
  readonly queue: Job[];
  readonly slots: Slot[];
  readonly start: (currentFile: () => string | undefined) => DescriberChild;
  readonly deadline: number;
  generation: number;
  closed: boolean;
}

function schedule(state: State): void {
  for (const slot of state.slots) {
    if (state.closed || slot.current !== undefined) continue;
    const job = state.queue.shift();
    if (job === undefined) return;
    void run(job, slot, state);
  }
}

async function run(job: Job, slot: Slot, state: State): Promise<void> {
  slot.current = job;
  const { request } = job;
  const stale = slot.generation !== state.generation || slot.loaded.has(request.module);
  if (slot.child === undefined || !slot.child.alive || stale) renew(slot, state);
  slot.loaded.add(request.module);
  const outcome = await slot.child?.ask(request, state.deadline);
  if (state.closed) return;
  slot.current = undefined;
  if (outcome?.type === 'description') job.resolve(outcome.description);
  else {
    if (outcome?.type !== 'failure') retire(slot);
    job.reject(errorOf(outcome, request.file, state.deadline));
  }
  schedule(state);
}

function errorOf(
  outcome: Exclude<DescribeOutcome, { type: 'description' }> | undefined,
  file: string,
  deadline: number,
): GeneratorError {
  switch (outcome?.type) {
    case 'failure':
      return outcome.error;
    case 'timeout':
      return moduleTimeout(file, deadline);
    case 'exhausted':
      return moduleOutOfMemory(file);
    case 'ended':
      return moduleExited(file, outcome.state);
    case undefined:
      return moduleExited(file, 'its process ended');
    default:
      return outcome satisfies never;
  }
}

function renew(slot: Slot, state: State): void {
  retire(slot);
  slot.generation = state.generation;
  slot.loaded = new Set();
  slot.child = state.start(() => slot.current?.request.file);
}

function retire(slot: Slot): void {
  slot.child?.kill();
  slot.child = undefined;
}
