import { isFields } from '../protocol/message.ts';
import { comesOnce, isStream } from './large-value.ts';
import { PartWriter } from './part-writer.ts';
import {
  checkContent,
  errorContent,
  isToolResult,
  type OwnResult,
  type ResultOptions,
  ResultProblem,
  withMeta,
} from './tool-result.ts';
import { type RowCheck, slices, writeJson } from './write-json.ts';

/** Units of what a stream gives as structured content that are repeated as text. */
const TEXT_COPY = 256 * 1024;

/**
 * The JSON of a `CallToolResult` in parts. `structuredContent` stands in front of `content`, so that whatever fails on the
 * way can still be told: what was begun is closed, and the text that says what went wrong follows it.
 */
export class ResultWriter {
  /** The streams that are being read. */
  readonly sources = new Set<AsyncIterator<unknown>>();
  readonly #out = new PartWriter();
  readonly #options: ResultOptions;
  readonly #checkRow: RowCheck;
  #inContent = false;

  constructor(options: ResultOptions, checkRow: RowCheck) {
    this.#options = options;
    this.#checkRow = checkRow;
    this.#out.add('{');
  }

  /** What was written. Valid until more is. */
  take(): Buffer {
    return this.#out.take();
  }

  /** Yields whenever there is something to take. */
  async *write(value: unknown): AsyncGenerator<void> {
    const { structured, tail } = this.#options;
    if (isToolResult(value)) {
      yield* this.#writeOwn(value);
      return;
    }
    if (structured && this.#isSent(value)) yield* this.#writeTwice(value);
    else if (structured && isStream(value)) yield* this.#writeJsonText(value);
    else yield* this.#writeContent(value);
    this.#out.add(tail);
  }

  /** Ends a result that cannot be written to its end: what was sent of it is an error's. */
  fail(message: string): void {
    this.#out.closeTo(this.#inContent ? 1 : 0);
    if (!this.#inContent) this.#openContent();
    this.#out.add((this.#out.needsComma ? ',' : '') + errorContent(message));
    this.#out.closeTo(0);
    this.#out.add(`,"isError":true${this.#options.tail}`);
  }

  #isSent(value: unknown): boolean {
    return !this.#options.objectsOnly || (isFields(value) && !isStream(value));
  }

  async *#writeOwn(result: OwnResult): AsyncGenerator<void> {
    const { content, structuredContent, isError, _meta } = result;
    const { tail } = this.#options;
    const end = (isError === true ? ',"isError":true' : '') + (isFields(_meta) ? withMeta(_meta, tail) : tail);
    checkContent(content);
    if (structuredContent !== undefined && this.#isSent(structuredContent)) {
      yield* this.#writeJson(structuredContent, '"structuredContent":');
    }
    this.#openContent();
    for (const item of content) yield* this.#writeJson(item, this.#out.needsComma ? ',' : '');
    this.#out.closeTo(0);
    this.#out.add(end);
  }

  /** As structured content and as text, which for what comes from a stream holds it too as long as it is short. */
  async *#writeTwice(value: unknown): AsyncGenerator<void> {
    const field = '"structuredContent":';
    if (!comesOnce(value)) {
      yield* this.#writeJson(value, field);
      yield* this.#writeContent(value);
      return;
    }
    const copy = { text: '', limit: TEXT_COPY };
    this.#out.copy = copy;
    yield* this.#writeJson(value, field);
    const isWhole = this.#out.copy !== undefined;
    this.#out.copy = undefined;
    yield* this.#writeText(isWhole ? slices(copy.text.slice(field.length)) : ['The result is in structuredContent']);
  }

  /** One text: a text itself, the pieces of a stream, or anything else as JSON. */
  async *#writeContent(value: unknown): AsyncGenerator<void> {
    if (typeof value === 'string') yield* this.#writeText(slices(value));
    else if (!isStream(value)) yield* this.#writeJsonText(value);
    else {
      const source = value[Symbol.asyncIterator]();
      this.sources.add(source);
      const first = await source.next();
      const all = { [Symbol.asyncIterator]: () => withFirst(first, source) };
      if (first.done === true || isText(first.value)) yield* this.#writeText(readTexts(all));
      else yield* this.#writeJsonText(all);
    }
  }

  async *#writeJsonText(value: unknown): AsyncGenerator<void> {
    this.#openText();
    yield* this.#writeJson(value, '');
    this.#closeText();
  }

  async *#writeText(parts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<void> {
    this.#openText();
    for await (const part of parts) {
      this.#out.add(part);
      if (this.#out.isFull) yield;
    }
    this.#closeText();
  }

  #writeJson(value: unknown, prefix: string): AsyncGenerator<void> {
    return writeJson(value, prefix, { writer: this.#out, checkRow: this.#checkRow, sources: this.sources });
  }

  #openText(): void {
    this.#openContent();
    this.#out.openText('{"type":"text","text":', '}');
  }

  #closeText(): void {
    this.#out.closeText();
    this.#out.closeTo(0);
  }

  #openContent(): void {
    this.#inContent = true;
    this.#out.open(`${this.#out.needsComma ? ',' : ''}"content":[`, ']');
  }
}

/** An iterator that was asked for its first value already. */
function withFirst(first: IteratorResult<unknown>, source: AsyncIterator<unknown>): AsyncIterator<unknown> {
  let pending: IteratorResult<unknown> | undefined = first;
  return {
    next: async () => {
      const step = pending ?? source.next();
      pending = undefined;
      return step;
    },
  };
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

/** The text of strings and of bytes in UTF-8, whose characters may be cut anywhere, in slices. */
async function* readTexts(pieces: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    if (!isText(piece)) throw new ResultProblem(`streamed ${typeName(piece)} among its text`);
    yield* slices(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }));
  }
  yield decoder.decode();
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
