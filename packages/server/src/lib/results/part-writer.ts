/** Units of text that are written at once. A unit has at most three bytes. */
export const PIECE = 16 * 1024;
const ROOM = 3 * PIECE;
const PART = 128 * 1024;

/**
 * JSON under way: the bytes that were written and not taken yet, and what must still be closed. Text becomes bytes at
 * once, in memory that is used again, so that the length of a message leaves nothing behind to be collected.
 */
export class PartWriter {
  #bytes = Buffer.allocUnsafeSlow(PART);
  #used = 0;
  #last = '';
  readonly #closers: string[] = [];
  #textDepth: number | undefined;
  /** Repeats what is written, as long as it is short. */
  copy: { text: string; readonly limit: number } | undefined;

  /** JSON, or text between quotes. */
  add(text: string): void {
    if (text === '') return;
    this.#last = text.at(-1) ?? '';
    if (this.copy !== undefined) this.#repeat(text);
    this.#write(this.#textDepth === undefined ? text : escaped(text));
  }

  /** Begins what `closer` ends. */
  open(text: string, closer: string): void {
    this.add(text);
    this.#closers.push(closer);
  }

  close(): void {
    this.add(this.#closers.pop() ?? '');
  }

  /** Begins a JSON string: what is added is the text that it stands for. */
  openText(text: string, closer: string): void {
    this.open(`${text}"`, `"${closer}`);
    this.#textDepth = this.#closers.length;
  }

  closeText(): void {
    // Text that breaks off needs no brackets.
    if (this.#textDepth !== undefined) this.#closers.length = this.#textDepth;
    this.#textDepth = undefined;
    this.close();
  }

  /** Closes all that is open but the outermost so many. */
  closeTo(depth: number): void {
    if (this.#textDepth !== undefined) this.closeText();
    while (this.#closers.length > depth) this.close();
  }

  /** Whether something stands in front in the same list or object. */
  get needsComma(): boolean {
    return this.#last !== '[' && this.#last !== '{';
  }

  /** Time to take it, before more is added. */
  get isFull(): boolean {
    return this.#bytes.length - this.#used < ROOM;
  }

  /** What was written. Valid until more is added. */
  take(): Buffer {
    const part = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    return part;
  }

  #write(text: string): void {
    const needed = this.#used + text.length * 3;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#used += this.#bytes.write(text, this.#used);
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
  }

  #repeat(text: string): void {
    if (this.copy === undefined) return;
    if (this.copy.text.length + text.length > this.copy.limit) this.copy = undefined;
    else this.copy.text += text;
  }
}

/** Text as it stands between the quotes of a JSON string. */
export function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
