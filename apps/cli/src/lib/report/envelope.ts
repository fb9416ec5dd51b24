import type { ExitCode } from '../exit-code.ts';

/** What a command gives back when it is done. */
export interface Done {
  /** Stable, for programs: `BUILT`. */
  readonly code: string;
  /** One sentence for people. */
  readonly message: string;
  /** What to do where it ended with another exit code than 0; people read it, and the message, on stderr. */
  readonly fix?: string;
  readonly next?: readonly NextStep[];
  /** Command's own fields of the `--json` envelope. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** What people see on stdout: the data of the command, not its progress. */
  readonly output?: string;
  readonly exitCode?: ExitCode;
}

export interface NextStep {
  readonly command: string;
  readonly when: string;
}

/** The one shape of `--json`: the same fields for success and failure of every command. */
export interface Envelope extends Readonly<Record<string, unknown>> {
  readonly status: 'ok' | 'error';
  readonly code: string;
  readonly message: string;
  readonly fix: string | null;
  readonly next: readonly NextStep[];
}
