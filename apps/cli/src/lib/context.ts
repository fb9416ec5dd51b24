import type { CommandContext } from '@stricli/core';

/** Where a command runs: the only way it reaches the process. Made once in bin.ts; tests make their own. */
export interface CliContext extends CommandContext {
  readonly process: { readonly stdout: Output; readonly stderr: Output };
  /** Where the user stands. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
  /** Runs a built server in this process's place: its input and output are the user's. */
  readonly spawn: SpawnForeground;
  /** Says how the command ended; called once, by `settle`. */
  readonly finish: (exitCode: number) => void;
}

/** A stream to a person or a pipe. */
export interface Output {
  write(text: string): void;
  /** A person is looking at it. */
  readonly terminal: boolean;
  readonly color: boolean;
  /** Bits of colour, as the argument parser asks for it. */
  getColorDepth(): number;
  readonly columns: number;
}

/** Starts a program with the user's own streams and resolves to its exit code; the signal ends it gracefully. */
export type SpawnForeground = (
  command: string,
  args: readonly string[],
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly directory: string;
    readonly signal: AbortSignal;
  },
) => Promise<number>;
