const { isUtf8 } = process.getBuiltinModule('node:buffer');

/** Most bytes of one line. */
const LINE_LIMIT = 16 * 1024 * 1024;
const NEWLINE = 10;

/** Why a line is no text. */
export type LineProblem = 'too-long' | 'not-utf8';

/** Cuts a stream of bytes into lines. Each chunk's complete lines come together, so that their answers can go together. */
export class LineReader {
  readonly #onLines: (lines: readonly string[]) => void;
  readonly #onProblem: (problem: LineProblem) => void;
  #rest: Buffer[] = [];
  #size = 0;
  #skipping = false;

  constructor(onLines: (lines: readonly string[]) => void, onProblem: (problem: LineProblem) => void) {
    this.#onLines = onLines;
    this.#onProblem = onProblem;
  }

  push(chunk: Buffer): void {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last === -1) {
      this.#keep(chunk);
      return;
    }
    let head = chunk.subarray(0, last);
    if (this.#skipping) {
      this.#skipping = false;
      head = head.subarray(head.indexOf(NEWLINE) === -1 ? head.length : head.indexOf(NEWLINE) + 1);
    } else if (this.#size > 0) {
      head = Buffer.concat([...this.#rest, head]);
    }
    this.#rest = [];
    this.#size = 0;
    this.#emit(head);
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1));
  }

  #keep(part: Buffer): void {
    if (this.#skipping) return;
    this.#size += part.length;
    if (this.#size <= LINE_LIMIT) {
      this.#rest.push(part);
      return;
    }
    this.#rest = [];
    this.#size = 0;
    this.#skipping = true;
    this.#onProblem('too-long');
  }

  #emit(bytes: Buffer): void {
    if (bytes.length <= LINE_LIMIT && isUtf8(bytes)) this.#onLines(bytes.toString().split('\n'));
    else this.#emitOneByOne(bytes);
  }

  #emitOneByOne(bytes: Buffer): void {
    for (let start = 0; start <= bytes.length; ) {
      const found = bytes.indexOf(NEWLINE, start);
      const line = bytes.subarray(start, found === -1 ? bytes.length : found);
      if (line.length > LINE_LIMIT) this.#onProblem('too-long');
      else if (isUtf8(line)) this.#onLines([line.toString()]);
      else this.#onProblem('not-utf8');
      start = found === -1 ? bytes.length + 1 : found + 1;
    }
  }
}
