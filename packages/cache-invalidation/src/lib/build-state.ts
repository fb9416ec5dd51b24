import { type Digest, isDigest, jsonText, readSealedFile, writeSealedFile } from '@mcpgen/build-cache';
import type { OutputFact } from './output-facts.ts';

/** What the last build knew of one step. */
export interface StepState {
  readonly key: Digest;
  /** Of the fingerprint, for `explainChange`. */
  readonly components: Readonly<Record<string, string>>;
  /** What dependents have in their keys. */
  readonly output: Digest;
  /** JSON; parsed when it is first asked for. */
  readonly value: unknown;
  /** Milliseconds it took when it last ran: what a fresh output saves. */
  readonly duration: number;
  readonly outputs: readonly OutputFact[];
}

/** What the last build left, by step name. */
export interface BuildState {
  readonly steps: ReadonlyMap<string, StepState>;
}

const FORMAT = 1;

/** path, size, mtime, ctime, ino, mode */
type OutputRow = [string, number, number, number, number, number];

/** name, key, output, duration, components, outputs */
type StepRow = [string, string, string, number, Record<string, string>, OutputRow[]];

/**
 * The last build's state; an empty one when there is none, it is damaged, or it is of another format.
 *
 *     <64 hex digits>
 *     {"format":1,"steps":[["bundle:tools/echo","<hex>","<hex>",12.5,{"file:tools/echo.ts":"…"},[["modules/…",812,…]]],…]}
 *     null                    the value of the first step, a line of JSON each: parsed only where it is used
 */
export function readBuildState(file: string): BuildState {
  const steps = new Map<string, StepState>();
  const text = readSealedFile(file);
  if (text === undefined) return { steps };
  const lines = text.split('\n');
  parseSteps(lines[0] ?? '').forEach((row, index) => {
    const state = openStep(row, lines[index + 1] ?? 'null');
    if (state !== undefined) steps.set(row[0], state);
  });
  return { steps };
}

/** Keeps the state for the next build, whole or not at all. False when it could not be written: the next build is slower. */
export function writeBuildState(file: string, { steps }: BuildState): boolean {
  const rows: StepRow[] = [];
  const values: string[] = [];
  for (const [name, state] of steps) {
    const outputs = state.outputs.map(
      ({ path, size, mtime, ctime, ino, mode }): OutputRow => [path, size, mtime, ctime, ino, mode],
    );
    rows.push([name, state.key.slice(7), state.output.slice(7), state.duration, state.components, outputs]);
    values.push(valueText(state));
  }
  try {
    writeSealedFile(file, [JSON.stringify({ format: FORMAT, steps: rows }), ...values].join('\n'));
    return true;
  } catch {
    return false;
  }
}

/** A step as it was read: its value stays text until it is asked for. */
class LazyStepState implements StepState {
  readonly key: Digest;
  readonly components: Readonly<Record<string, string>>;
  readonly output: Digest;
  readonly duration: number;
  readonly outputs: readonly OutputFact[];
  readonly valueText: string;
  #value: unknown;

  constructor(state: Omit<StepState, 'value'>, valueText: string) {
    this.key = state.key;
    this.components = state.components;
    this.output = state.output;
    this.duration = state.duration;
    this.outputs = state.outputs;
    this.valueText = valueText;
  }

  get value(): unknown {
    this.#value ??= JSON.parse(this.valueText);
    return this.#value;
  }
}

function valueText(state: StepState): string {
  return state instanceof LazyStepState ? state.valueText : jsonText(state.value ?? null);
}

function openStep([, keyHex, outputHex, duration, components, rows]: StepRow, text: string): StepState | undefined {
  const key = `sha256:${keyHex}`;
  const output = `sha256:${outputHex}`;
  if (!isDigest(key) || !isDigest(output)) return undefined;
  const outputs = rows.map(([path, size, mtime, ctime, ino, mode]) => ({ path, size, mtime, ctime, ino, mode }));
  return new LazyStepState({ key, components, output, duration, outputs }, text);
}

/** The seal proves that `writeBuildState` wrote this line, and the format what is in it. */
function parseSteps(line: string): StepRow[] {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('format' in value) || !('steps' in value)) return [];
  return value.format === FORMAT ? (value.steps as StepRow[]) : [];
}
