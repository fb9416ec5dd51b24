import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type DescribeFailure,
  type DescribeReply,
  type DescribeRequest,
  isDescribeReply,
} from './describe-messages.ts';
import type { Description } from './description.ts';
import { createDumpFilter } from './dump-filter.ts';
import { GeneratorError, messageOf } from './errors.ts';
import type { OnGeneratorEvent } from './event.ts';

/** How a request to a child ended. After `timeout`, `exhausted` (of memory) and `ended` the child is of no more use. */
export type DescribeOutcome =
  | { readonly type: 'description'; readonly description: Description }
  | { readonly type: 'failure'; readonly error: GeneratorError }
  | { readonly type: 'timeout' }
  | { readonly type: 'exhausted' }
  | { readonly type: 'ended'; readonly state: string };

export interface DescriberChild {
  readonly alive: boolean;
  /** One request at a time. */
  ask(request: DescribeRequest, deadline: number): Promise<DescribeOutcome>;
  kill(): void;
}

export interface DescriberChildOptions {
  readonly execPath: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onEvent: OnGeneratorEvent | undefined;
  /** Whom to name for what the child prints. */
  readonly currentFile: () => string | undefined;
}

const WORKER = new URL('./describe-worker.js', import.meta.url);
/** Milliseconds that Node itself may take to start, on a machine that does much else. */
const START_DEADLINE = 20_000;
/** How a process ends that V8 has given up. */
const CRASHES: ReadonlySet<string> = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL']);
/** The same on every machine: what a module makes of it may be kept. */
const STEADY = { NODE_ENV: 'production', TZ: 'UTC', LC_ALL: 'C.UTF-8' };
const FLAGS = ['--enable-source-maps', '--disable-warning=ExperimentalWarning'];

/** Starts a child that loads modules. It keeps its parent alive only while it is asked something. */
export function startDescriberChild({
  execPath,
  environment,
  onEvent,
  currentFile,
}: DescriberChildOptions): DescriberChild {
  const child = fork(fileURLToPath(WORKER), [], {
    execPath,
    execArgv: FLAGS,
    env: { ...STEADY, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onEvent?.({ type: 'describer-started', pid: child.pid });
  const waiting: Waiting = { ready: false };
  let alive = true;
  const dump = createDumpFilter();
  const end = (outcome: DescribeOutcome): void => {
    if (alive) onEvent?.({ type: 'describer-ended', pid: child.pid });
    alive = false;
    waiting.settle?.(outcome);
  };
  child.on('error', (cause) => end({ type: 'ended', state: `its process cannot run: ${messageOf(cause)}` }));
  child.on('exit', (code, signal) => {
    // Why V8 gave up stands in what it has written: that is complete when its pipes are closed.
    if (signal === null || !CRASHES.has(signal)) end({ type: 'ended', state: endState(code, signal) });
  });
  child.on('close', (code, signal) =>
    end(dump.outOfMemory ? { type: 'exhausted' } : { type: 'ended', state: endState(code, signal) }),
  );
  child.on('message', (message) => {
    if (!isDescribeReply(message)) return;
    if (message.type === 'stray') warnOfStray(message.message, message.file ?? currentFile(), onEvent);
    else if (message.type === 'ready') {
      waiting.ready = true;
      waiting.begin?.();
    } else waiting.settle?.(outcomeOf(message, currentFile()));
  });
  forwardOutput(child, { stdout: (text) => text, stderr: dump.pass }, (stream, text) => {
    const file = currentFile();
    onEvent?.({ type: 'module-output', stream, text, ...(file === undefined ? {} : { file }) });
  });
  unref(child);
  return {
    get alive() {
      return alive;
    },
    ask: (request, deadline) => ask(child, request, deadline, waiting),
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

interface Waiting {
  ready: boolean;
  /** Starts the clock of the request, once the child itself is there. */
  begin?: () => void;
  settle?: (outcome: DescribeOutcome) => void;
}

function ask(
  child: ChildProcess,
  request: DescribeRequest,
  deadline: number,
  waiting: Waiting,
): Promise<DescribeOutcome> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    waiting.begin = () => {
      clearTimeout(timer);
      timer = setTimeout(() => waiting.settle?.({ type: 'timeout' }), deadline + (waiting.ready ? 0 : START_DEADLINE));
    };
    waiting.begin();
    waiting.settle = (outcome) => {
      delete waiting.settle;
      delete waiting.begin;
      clearTimeout(timer);
      unref(child);
      resolve(outcome);
    };
    child.ref();
    child.channel?.ref();
    if (!child.connected) waiting.settle({ type: 'ended', state: 'its process ended' });
    else child.send(request, (cause) => cause && waiting.settle?.({ type: 'ended', state: messageOf(cause) }));
  });
}

function unref(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

function outcomeOf(
  reply: Exclude<DescribeReply, { type: 'ready' | 'stray' }>,
  file: string | undefined,
): DescribeOutcome {
  if (reply.type === 'description') return reply;
  return { type: 'failure', error: errorOf(reply.failure, file) };
}

function errorOf({ code, message, line, hint, stack }: DescribeFailure, file: string | undefined): GeneratorError {
  const cause = stack === undefined ? undefined : Object.assign(new Error(message), { stack });
  return new GeneratorError(code, message, { file, line, hint, cause });
}

function endState(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `it ends the process with code ${code}` : `its process was ended by ${signal}`;
}

function warnOfStray(text: string, file: string | undefined, onEvent: OnGeneratorEvent | undefined): void {
  const owner = file === undefined ? 'a module' : 'it';
  const message = `Something that ${owner} started while loading has failed: ${text}`;
  onEvent?.({ type: 'warning', message, ...(file === undefined ? {} : { file }) });
}

function forwardOutput(
  child: ChildProcess,
  filters: Readonly<Record<'stdout' | 'stderr', (text: string) => string>>,
  onText: (stream: 'stdout' | 'stderr', text: string) => void,
): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const pipe = child[stream];
    pipe?.setEncoding('utf8');
    pipe?.on('data', (chunk: string) => {
      const text = filters[stream](chunk);
      if (text !== '') onText(stream, text);
    });
    if (pipe !== null && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  }
}
