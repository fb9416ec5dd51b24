import { type Digest, isDigest, jsonText, readSealedFile, writeSealedFile } from '@mcpgen/build-cache';
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
}

const FORMAT = 2;

/** Of one step in the first line: name, key, output, duration, outputs, digests of what it read. */
const COLUMNS = 6;

/** Of one output: path, size, mtime, ctime, ino, mode. */
const FACTS = 6;

/**
 * The last build's state; an empty one when there is none, it is damaged, or it is of another format.
 *
 *     <64 hex digits>
 *     {"format":2,"steps":["bundle:tools/echo","sha256:…","sha256:…",12.5,["modules/tools/echo.js",812,…],[],…]}
 *     [{"file:tools/echo.ts":"…"},null]     components and value of the first step, a line each
 *
 * Most steps are found as they were by their key and outputs alone, so the rest stays text until it is asked for.
 */
export function readBuildState(file: string): BuildState {
  const steps = new Map<string, StepState>();
  const text = readSealedFile(file);
  if (text === undefined) return { steps };
  const lines = text.split('\n');
  const columns = parseHead(lines[0] ?? '');
  for (let at = 0, line = 1; at < columns.length; at += COLUMNS, line++) {
    const state = openStep(columns.slice(at, at + COLUMNS), lines[line] ?? '');
    if (state !== undefined) steps.set(String(columns[at]), state);
  }
  return { steps };
}

/** Keeps the state for the next build, whole or not at all. False when it could not be: the next build looks at more. */
export function writeBuildState(file: string, { steps }: BuildState): boolean {
  const columns: unknown[] = [];
  const lines: string[] = [];
  for (const [name, state] of steps) {
    const outputs = state.outputs.flatMap(({ path, size, mtime, ctime, ino, mode }) => [
      path,
      size,
      mtime,
      ctime,
      ino,
      mode,
    ]);
    const read = state.read === undefined ? [] : [state.read.of, state.read.part];
    columns.push(name, state.key, state.output, state.duration, outputs, read);
    lines.push(state instanceof ReadStepState ? state.rest : jsonText([state.components, state.value ?? null], name));
  }
  try {
    writeSealedFile(file, [JSON.stringify({ format: FORMAT, steps: columns }), ...lines].join('\n'));
    return true;
  } catch {
    return false;
  }
}

/** A step as it was read. */
class ReadStepState implements StepState {
  readonly key: Digest;
  readonly output: Digest;
  readonly duration: number;
  readonly read: ReadPart | undefined;
  /** The line with components and value. */
  readonly rest: string;
  readonly #facts: readonly (string | number)[];
  #outputs: readonly OutputFact[] | undefined;
  #parsed: readonly [Readonly<Record<string, string>>, unknown] | undefined;

  constructor(
    known: Pick<StepState, 'key' | 'output' | 'duration' | 'read'>,
    facts: readonly (string | number)[],
    rest: string,
  ) {
    this.key = known.key;
    this.output = known.output;
    this.duration = known.duration;
    this.read = known.read;
    this.#facts = facts;
    this.rest = rest;
  }

  get outputs(): readonly OutputFact[] {
    this.#outputs ??= readOutputs(this.#facts);
    return this.#outputs;
  }

  get components(): Readonly<Record<string, string>> {
    this.#parsed ??= parseRest(this.rest);
    return this.#parsed[0];
  }

  get value(): unknown {
    this.#parsed ??= parseRest(this.rest);
    return this.#parsed[1];
  }
}

function readOutputs(facts: readonly (string | number)[]): readonly OutputFact[] {
  const outputs: OutputFact[] = [];
  for (let at = 0; at < facts.length; at += FACTS) outputs.push(readOutput(facts, at));
  return outputs;
}

function readOutput(facts: readonly (string | number)[], at: number): OutputFact {
  const number = (offset: number): number => Number(facts[at + offset]);
  const [size, mtime, ctime, ino, mode] = [number(1), number(2), number(3), number(4), number(5)];
  return { path: String(facts[at]), size, mtime, ctime, ino, mode };
}

function openStep([, key, output, duration, facts, read]: readonly unknown[], rest: string): StepState | undefined {
  if (!isDigest(key) || !isDigest(output) || !Array.isArray(facts)) return undefined;
  return new ReadStepState({ key, output, duration: Number(duration), read: openRead(read) }, facts, rest);
}

function openRead(read: unknown): ReadPart | undefined {
  const [of, part]: readonly unknown[] = Array.isArray(read) ? read : [];
  return isDigest(of) && isDigest(part) ? { of, part } : undefined;
}

/** The seal proves that `writeBuildState` wrote this line, and the format what is in it. */
function parseHead(line: string): readonly unknown[] {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('format' in value) || !('steps' in value)) return [];
  return value.format === FORMAT && Array.isArray(value.steps) ? value.steps : [];
}

/** Likewise. */
function parseRest(line: string): readonly [Readonly<Record<string, string>>, unknown] {
  return JSON.parse(line) as [Readonly<Record<string, string>>, unknown];
}
