import { appendJournal, type Digest, dropJournal, journalVersion, readJournal } from '@mcpgen/build-cache';
import { readStateColumns, writeStateColumns } from './build-state-columns.ts';
import { decodeSteps, encodeSteps } from './build-state-text.ts';
import type { OutputFact } from './output-facts.ts';

/** What the last build knew of one step. */
export interface StepState {
  readonly key: Digest;
  /** Of the fingerprint, for `explainChange`. */
  readonly components: Readonly<Record<string, string>>;
  /** What dependents have in their keys. */
  readonly output: Digest;
  /** For a step whose key holds a part of what its needs gave: the digest of what they gave, and of that part. */
  readonly read?: ReadPart | undefined;
  /** JSON. */
  readonly value: unknown;
  /** Milliseconds it took when it last ran: what a fresh output saves. */
  readonly duration: number;
  readonly outputs: readonly OutputFact[];
}

/** The same `of` has the same `part`: it need not be read again. */
export interface ReadPart {
  readonly of: Digest;
  readonly part: Digest;
}

/** What the last build left, by step name. */
export interface BuildState {
  readonly steps: ReadonlyMap<string, StepState>;
  /** Of what was read: see `buildStateVersion`. Absent where a part was lost. */
  readonly version?: string | undefined;
}

/**
 * The last build's state; an empty one when there is none, it is damaged, or it is of another format. Most steps are found
 * as they were by their key and outputs alone, so what is known of a step is decoded when it is asked for. What
 * `appendBuildState` added since lies in a journal beside the file. See docs/cache-format.md.
 */
export function readBuildState(file: string): BuildState {
  const steps = readStateColumns(file);
  if (steps === undefined) return { steps: new Map() };
  const { texts, version } = readJournal(file);
  for (const text of texts) for (const [name, state] of decodeSteps(text)) steps.set(name, state);
  return { steps, version };
}

/** Keeps the state for the next build, whole or not at all. False when it could not be: the next build looks at more. */
export function writeBuildState(file: string, { steps }: BuildState): boolean {
  try {
    writeStateColumns(file, steps);
    dropJournal(file);
    return true;
  } catch {
    return false;
  }
}

/**
 * Adds to the state that is kept, at the cost of these steps alone. False when it could not be, or when so much was added
 * that the state is better written anew.
 */
export function appendBuildState(file: string, { steps }: BuildState): boolean {
  return appendJournal(file, encodeSteps(steps));
}

/** What tells the state that is kept now from any other; `undefined` where there is none. */
export function buildStateVersion(file: string): string | undefined {
  return journalVersion(file);
}
