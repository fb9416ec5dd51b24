import { comesOnce, isStream, weigh } from './large-value.ts';
import { escaped, type PartWriter, PIECE } from './part-writer.ts';
import { jsonOf, ResultProblem, toJson } from './tool-result.ts';

/**
 * Looks at a stream's rows one by one, each as a list of its own, and at the empty list where none came.
 * @param field of the object whose rows they are
 * @throws ResultProblem for rows that may not be sent
 */
export type RowCheck = (rows: readonly unknown[], index: number, field: string | undefined) => void;

export interface JsonOptions {
  readonly writer: PartWriter;
  readonly checkRow: RowCheck;
  /** The streams that are being read, to be told when nobody reads on. */
  readonly sources: Set<AsyncIterator<unknown>>;
}

/**
 * Writes a value's JSON, and yields whenever there is enough for a write. What is small is made JSON at once, by
 * `JSON.stringify`; what is large is walked to where it is small. The value itself, and fields of it, may be streams:
 * their rows become a list.
 * @throws ResultProblem for values that JSON cannot hold
 */
export async function* writeJson(value: unknown, prefix: string, options: JsonOptions): AsyncGenerator<void> {
  const { writer } = options;
  if (isStream(value)) yield* writeRows(value, prefix, undefined, options);
  else if (isObject(value) && comesOnce(value)) yield* writeStreamedFields(value, prefix, options);
  else {
    for (const _ of writeLarge(value, prefix, { writer, around: [] })) yield;
  }
}

async function* writeStreamedFields(value: object, prefix: string, options: JsonOptions): AsyncGenerator<void> {
  const { writer } = options;
  writer.open(`${prefix}{`, '}');
  for (const [name, field] of Object.entries(value)) {
    const head = `${writer.needsComma ? ',' : ''}${JSON.stringify(name)}:`;
    if (isStream(field)) yield* writeRows(field, head, name, options);
    else if (isJson(field)) for (const _ of writeLarge(field, head, { writer, around: [value] })) yield;
  }
  writer.close();
}

async function* writeRows(
  rows: AsyncIterable<unknown>,
  prefix: string,
  field: string | undefined,
  { writer, checkRow, sources }: JsonOptions,
): AsyncGenerator<void> {
  const source = rows[Symbol.asyncIterator]();
  sources.add(source);
  writer.open(`${prefix}[`, ']');
  for (let index = 0; ; index++) {
    const { done, value } = await source.next();
    if (done === true) {
      if (index === 0) checkRow([], index, field);
      break;
    }
    checkRow([value], index, field);
    const comma = index === 0 ? '' : ',';
    for (const _ of writeLarge(isJson(value) ? value : null, comma, { writer, around: [] })) yield;
  }
  sources.delete(source);
  writer.close();
}

interface Walk {
  readonly writer: PartWriter;
  /** The objects that hold the value: one that holds itself would be walked for ever. */
  readonly around: readonly object[];
}

function* writeLarge(value: unknown, prefix: string, walk: Walk): Generator<void> {
  const { writer, around } = walk;
  if (typeof value === 'string' && value.length > PIECE) yield* writeLongText(value, prefix, writer);
  else if (!isPlain(value) || weigh(value) <= PIECE) {
    writer.add(prefix + toJson(value));
    if (writer.isFull) yield;
  } else {
    if (around.includes(value)) throw new ResultProblem('returned a value that JSON cannot hold: it contains itself');
    const inside = { writer, around: [...around, value] };
    if (Array.isArray(value)) yield* writeItems(value, prefix, inside);
    else yield* writeFields(value, prefix, inside);
  }
}

/** Items that are small go together, in one call of `JSON.stringify`. */
function* writeItems(items: readonly unknown[], prefix: string, walk: Walk): Generator<void> {
  const { writer } = walk;
  writer.open(`${prefix}[`, ']');
  let from = 0;
  let weight = 0;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const own = weigh(item);
    if (own > PIECE) {
      addItems(items.slice(from, index), writer);
      yield* writeLarge(item, writer.needsComma ? ',' : '', walk);
      from = index + 1;
      weight = 0;
      continue;
    }
    weight += own;
    if (weight > PIECE) {
      addItems(items.slice(from, index + 1), writer);
      from = index + 1;
      weight = 0;
      if (writer.isFull) yield;
    }
  }
  addItems(items.slice(from), writer);
  writer.close();
}

function addItems(items: readonly unknown[], writer: PartWriter): void {
  if (items.length === 0) return;
  const comma = writer.needsComma ? ',' : '';
  writer.add(comma + toJson(items).slice(1, -1));
}

function* writeFields(value: object, prefix: string, walk: Walk): Generator<void> {
  const { writer } = walk;
  writer.open(`${prefix}{`, '}');
  for (const name of Object.keys(value)) {
    const field: unknown = Reflect.get(value, name);
    if (isJson(field)) yield* writeLarge(field, `${writer.needsComma ? ',' : ''}${JSON.stringify(name)}:`, walk);
  }
  writer.close();
}

/** A text's JSON in slices that cut no character in two. */
export function* writeLongText(text: string, prefix: string, writer: PartWriter): Generator<void> {
  writer.open(`${prefix}"`, '"');
  for (const part of slices(text)) {
    writer.add(escaped(part));
    if (writer.isFull) yield;
  }
  writer.close();
}

export function* slices(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const cut = from + PIECE;
    const last = text.charCodeAt(cut - 1);
    const until = last >= 0xd800 && last <= 0xdbff ? cut + 1 : cut;
    yield text.slice(from, until);
    from = until;
  }
}

/** JSON leaves other fields out, and has `null` for other items. */
function isJson(value: unknown): boolean {
  if (isObject(value)) return !('toJSON' in value) || jsonOf(value) !== undefined;
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether a value's JSON is that of its items or fields, one by one. */
function isPlain(value: unknown): value is object {
  if (!isObject(value) || 'toJSON' in value) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
