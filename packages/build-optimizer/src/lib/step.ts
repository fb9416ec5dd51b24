import type { Digest } from '@mcpgen/build-cache';

/**
 * One unit of work of a build, as data. `inputs` names everything that changes the result; what does not (concurrency,
 * colours, reporters) must not be in it.
 */
export interface Step {
  /** Unique: `bundle:tools/echo`. */
  readonly name: string;
  /** Raised when the same inputs would now give another result. */
  readonly version: number;
  /** Names of steps whose outputs this one reads. Their *output* digests enter the key. */
  readonly needs: readonly string[];
  readonly inputs: StepInputs;
  /**
   * Names of steps that must be done before, without entering the key: what they give is named in `inputs` already
   * (packages by version), or is only needed to be in place.
   */
  readonly after?: readonly string[];
  /**
   * The part of the needs' values that the result depends on: its digest enters the key in place of the needs' output
   * digests, so that a change elsewhere in them does not run this step (a validator reads the schema alone).
   */
  readonly reads?: (needs: ReadonlyMap<string, StepOutput>) => unknown;
  /** The directory that output paths are relative to; absolute. */
  readonly directory: string;
  /** Absent for work that must not be kept (its effects lie outside `directory`). */
  readonly cache?: 'off';
  /** Slots it takes of `concurrency`: 1 by default, 0 for work that only waits for a shared batch or a child process. */
  readonly slots?: number;
  run(context: StepContext): Promise<StepResult>;
}

export interface StepInputs {
  /** Files by path relative to the project: their content's digest. */
  readonly files?: Readonly<Record<string, Digest>>;
  /** Values of the environment that it may read, by name: their digests, or `unset`. */
  readonly environment?: Readonly<Record<string, Digest | 'unset'>>;
  /** Versions of packages whose code it reads, by name. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Options and everything else, by name. JSON; compared and explained by name. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface StepContext {
  /** Aborts when another step fails or the build is cancelled: end soon. What `run` gives after that is not kept. */
  readonly signal: AbortSignal;
  /** Results of the steps in `needs` and `after`. */
  readonly needs: ReadonlyMap<string, StepOutput>;
}

/** What `run` gives back: the files it wrote below its directory, and a small JSON value. */
export interface StepResult {
  readonly files: readonly string[];
  readonly value?: unknown;
}

/** What dependents see of a step, however it came about. */
export interface StepOutput {
  readonly digest: Digest;
  readonly directory: string;
  readonly files: readonly string[];
  readonly value: unknown;
}

export type Outcome = 'ran' | 'restored' | 'fresh';

export interface StepReport {
  readonly name: string;
  readonly outcome: Outcome;
  /** Of a restored step: which tier of the cache had it, `local` or where a remote one lies. */
  readonly tier?: string;
  /** Why it ran, or why it did not have to: `tools/echo.ts changed`. */
  readonly reason: string;
  /** Milliseconds, without waiting. */
  readonly duration: number;
  /** Milliseconds since the build began. */
  readonly start: number;
  /** Milliseconds it waited for a slot. */
  readonly queued: number;
  /** Milliseconds that a restore or a fresh output saved: what it took when it last ran, less what it took now. */
  readonly saved: number;
  /** All that it waited for: its `needs`, then its `after`. */
  readonly needs: readonly string[];
  /** Where the step says how many slots it takes. */
  readonly slots?: number;
}

export type BuildEvent =
  | { readonly type: 'planned'; readonly steps: number }
  /** It is not fresh and has its slots: it is restored or runs. */
  | { readonly type: 'started'; readonly step: string }
  | { readonly type: 'finished'; readonly report: StepReport }
  /** The first failure, when it happens; the build ends when the steps that were running have. */
  | { readonly type: 'failed'; readonly step: string; readonly error: unknown }
  | { readonly type: 'warning'; readonly step?: string; readonly message: string };
