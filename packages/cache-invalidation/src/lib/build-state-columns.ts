import { type Digest, jsonText, readSealedColumns, type SealedColumns, writeSealedColumns } from '@mcpgen/build-cache';
import type { ReadPart, StepState } from './build-state.ts';
import { type FactTable, factsAt, toFactTable } from './fact-table.ts';
import type { OutputFact } from './output-facts.ts';

const FORMAT = 3;

/** Characters of one digest. */
const DIGEST = 71;

/** Numbers of one step: its duration, how many outputs and how many digests of what it read, and bytes of the rest. */
const NUMBERS = 4;

/**
 * Replaces a state, a column for each thing that is known of steps:
 *
 *     names      bundle:tools/echo                    lines
 *     digests    sha256:…sha256:…                     key, output, and for a step that reads, of what and which part
 *     numbers    12.5 1 0 118                         duration, outputs, digests of what it read, bytes of its rest
 *     paths      modules/tools/echo.js                of all outputs, in turn
 *     facts      812 1763… 1763… 77 33188             of each of them
 *     rest       [{"file:tools/echo.ts":"…"},null]    components and value, one after the other
 *
 * Throws what the file system throws.
 */
export function writeStateColumns(file: string, steps: ReadonlyMap<string, StepState>): void {
  const numbers: number[] = [];
  const digests: Digest[] = [];
  const outputs: OutputFact[] = [];
  const rests: Uint8Array[] = [];
  for (const [name, state] of steps) {
    const { key, output, duration, read } = state;
    const rest = restOf(name, state);
    digests.push(key, output, ...(read === undefined ? [] : [read.of, read.part]));
    outputs.push(...state.outputs);
    numbers.push(duration, state.outputs.length, read === undefined ? 0 : 2, rest.length);
    rests.push(rest);
  }
  const { paths, facts } = toFactTable(outputs.map((output) => ({ path: output.path, facts: output })));
  writeSealedColumns(file, FORMAT, {
    names: [...steps.keys()],
    digests: Buffer.from(digests.join(''), 'latin1'),
    numbers: Float64Array.from(numbers),
    paths,
    facts,
    rest: Buffer.concat(rests),
  });
}

/** `undefined` when there is none, it is damaged, or it is of another format. */
export function readStateColumns(file: string): Map<string, StepState> | undefined {
  const columns = readSealedColumns(file, FORMAT);
  return columns === undefined ? undefined : openSteps(columns);
}

function restOf(name: string, state: StepState): Uint8Array {
  if (state instanceof KeptStep) return state.rest;
  return Buffer.from(jsonText([state.components, state.value ?? null], name));
}

function openSteps(columns: SealedColumns): Map<string, StepState> {
  const table = openTable(columns);
  return new Map(columns.texts('names').map((name, row) => [name, new KeptStep(table, row)]));
}

/** Where the parts of one step begin in `places`: its digests, outputs and rest. The next step's say where they end. */
const PLACES = 3;

/** The columns of a state. What many steps share is decoded with the first that is asked for it. */
interface StateTable {
  readonly numbers: Float64Array;
  readonly places: Int32Array;
  readonly digests: string;
  readonly rest: Buffer;
  readonly outputs: () => FactTable;
}

function openTable(columns: SealedColumns): StateTable {
  const numbers = columns.numbers('numbers');
  let outputs: FactTable | undefined;
  return {
    numbers,
    places: placesOf(numbers),
    digests: columns.bytes('digests').toString('latin1'),
    rest: columns.bytes('rest'),
    outputs: () => {
      outputs ??= { paths: columns.texts('paths'), facts: columns.numbers('facts') };
      return outputs;
    },
  };
}

function placesOf(numbers: Float64Array): Int32Array {
  const rows = numbers.length / NUMBERS;
  const places = new Int32Array((rows + 1) * PLACES);
  for (let row = 0; row < rows; row++) {
    const [from, to, at] = [row * PLACES, (row + 1) * PLACES, row * NUMBERS];
    places[to] = (places[from] ?? 0) + 2 + (numbers[at + 2] ?? 0);
    places[to + 1] = (places[from + 1] ?? 0) + (numbers[at + 1] ?? 0);
    places[to + 2] = (places[from + 2] ?? 0) + (numbers[at + 3] ?? 0);
  }
  return places;
}

/** A step as it was read: each thing is decoded when it is asked for. */
class KeptStep implements StepState {
  readonly #table: StateTable;
  readonly #row: number;
  #outputs: readonly OutputFact[] | undefined;
  #parsed: readonly [Readonly<Record<string, string>>, unknown] | undefined;

  constructor(table: StateTable, row: number) {
    this.#table = table;
    this.#row = row;
  }

  get duration(): number {
    return this.#table.numbers[this.#row * NUMBERS] ?? 0;
  }

  get key(): Digest {
    return this.#digest(0);
  }

  get output(): Digest {
    return this.#digest(1);
  }

  get read(): ReadPart | undefined {
    const [from, to] = this.#span(0);
    return to - from === 2 ? undefined : { of: this.#digest(2), part: this.#digest(3) };
  }

  get outputs(): readonly OutputFact[] {
    this.#outputs ??= readOutputs(this.#table.outputs(), this.#span(1));
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

  /** Components and value, as they lie in the file. */
  get rest(): Buffer {
    return this.#table.rest.subarray(...this.#span(2));
  }

  /** The seal and the format vouch for what it is. */
  #digest(offset: number): Digest {
    const at = (this.#span(0)[0] + offset) * DIGEST;
    return this.#table.digests.slice(at, at + DIGEST) as Digest;
  }

  #span(part: number): readonly [begin: number, end: number] {
    const at = this.#row * PLACES + part;
    return [this.#table.places[at] ?? 0, this.#table.places[at + PLACES] ?? 0];
  }
}

function readOutputs(table: FactTable, [begin, end]: readonly [number, number]): readonly OutputFact[] {
  const outputs: OutputFact[] = [];
  for (let row = begin; row < end; row++) outputs.push({ path: table.paths[row] ?? '', ...factsAt(table, row) });
  return outputs;
}

/** The seal proves that `writeStateColumns` wrote this. */
function parseRest(bytes: Buffer): readonly [Readonly<Record<string, string>>, unknown] {
  return JSON.parse(bytes.toString('utf8')) as [Readonly<Record<string, string>>, unknown];
}
