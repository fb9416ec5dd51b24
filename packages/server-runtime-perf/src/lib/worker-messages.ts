import type { MessagePort } from 'node:worker_threads';

/** What a worker is told to do: the task that the pool hands to `tool-worker.js`. Everything in it must be cloneable. */
export interface WorkerTask {
  /** The call's own channel: see `WorkerMessage` and `StopMessage`. */
  readonly port: MessagePort;
  readonly module: string;
  readonly input: unknown;
  readonly meta: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly connectors: Readonly<Record<string, string>>;
  readonly parse: boolean;
}

/** From the worker to the main thread, in the order of the call. `started` is the first; the last three end it. */
export type WorkerMessage =
  | { readonly kind: 'started' }
  | { readonly kind: 'progress'; readonly progress: WorkerProgress }
  | { readonly kind: 'log'; readonly log: WorkerLog }
  | { readonly kind: 'no-store' }
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'thrown'; readonly thrown: ThrownValue }
  | { readonly kind: 'refused'; readonly refusal: WorkerRefusal };

/** From the main thread to the worker: the handler's signal is to abort. */
export interface StopMessage {
  readonly kind: 'stop';
  readonly reason: { readonly name: string; readonly message: string };
}

export interface WorkerProgress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export interface WorkerLog {
  readonly level: string;
  readonly data: unknown;
  readonly logger?: string;
}

/** What a handler threw, in a form that survives cloning. */
export type ThrownValue =
  | {
      readonly type: 'error';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly properties: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'value'; readonly value: unknown };

/** Why the worker itself could not do the call. */
export type WorkerRefusal =
  | { readonly reason: 'module'; readonly detail: string }
  | { readonly reason: 'input'; readonly issues: readonly unknown[] }
  | { readonly reason: 'result'; readonly detail: string }
  | { readonly reason: 'unsupported'; readonly feature: string };
