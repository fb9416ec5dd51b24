import { readSealedBytes, writeSealedFile } from './sealed-file.ts';

/** What a column may hold: texts, numbers, bytes, or else JSON. */
export type Column = readonly string[] | Float64Array | Uint8Array | { readonly json: unknown };

/** Columns of a sealed file, each decoded when it is asked for. A name that the file has not is a `RangeError`. */
export interface SealedColumns {
  texts(name: string): readonly string[];
  /** A copy of its own. */
  numbers(name: string): Float64Array;
  bytes(name: string): Buffer;
  json(name: string): unknown;
}

/** Name, what it is, and how many bytes it has. */
type ColumnHead = readonly [name: string, kind: 'bytes' | 'json' | 'lines', length: number];

/**
 * Replaces a file with sealed columns, whole or not at all. Thousands of objects take several times as long to read, and
 * of most columns little is asked for.
 *
 *     <64 hex digits>
 *     {"format":3,"columns":[["names","lines",812],["facts","bytes",4000],…]}
 *     the bytes of each column, one after the other; numbers as the machine has them, 8 bytes each
 *
 * Throws what the file system throws.
 */
export function writeSealedColumns(file: string, format: number, columns: Readonly<Record<string, Column>>): void {
  const heads: ColumnHead[] = [];
  const parts: Uint8Array[] = [];
  for (const [name, column] of Object.entries(columns)) {
    const [kind, bytes] = encode(column);
    heads.push([name, kind, bytes.length]);
    parts.push(bytes);
  }
  const head = Buffer.from(`${JSON.stringify({ format, columns: heads })}\n`);
  writeSealedFile(file, [head, ...parts]);
}

/** The columns of a sealed file; `undefined` when there is none, it is damaged, or it is of another format. */
export function readSealedColumns(file: string, format: number): SealedColumns | undefined {
  const content = readSealedBytes(file);
  if (content === undefined) return undefined;
  const end = content.indexOf(10);
  const head = parseHead(content.toString('utf8', 0, Math.max(0, end)));
  return head === undefined || head.format !== format ? undefined : openColumns(content, end + 1, head.columns);
}

function encode(column: Column): readonly [kind: ColumnHead[1], bytes: Uint8Array] {
  if (column instanceof Float64Array)
    return ['bytes', new Uint8Array(column.buffer, column.byteOffset, column.byteLength)];
  if (column instanceof Uint8Array) return ['bytes', column];
  if ('json' in column) return ['json', Buffer.from(JSON.stringify(column.json))];
  // Lines are read in a third of the time. A line break would tear them, and no text is not one empty text.
  const torn = column.length === 0 || column.some((text) => text.includes('\n'));
  return torn ? ['json', Buffer.from(JSON.stringify(column))] : ['lines', Buffer.from(column.join('\n'))];
}

function openColumns(content: Buffer, begin: number, heads: readonly ColumnHead[]): SealedColumns {
  const found = new Map<string, { readonly kind: ColumnHead[1]; readonly bytes: Buffer }>();
  let at = begin;
  for (const [name, kind, length] of heads) {
    found.set(name, { kind, bytes: content.subarray(at, at + length) });
    at += length;
  }
  const column = (name: string) => {
    const known = found.get(name);
    if (known === undefined) throw new RangeError(`Cannot read column "${name}": the file has none`);
    return known;
  };
  return {
    texts: (name) => {
      const { kind, bytes } = column(name);
      const text = bytes.toString('utf8');
      return kind === 'json' ? asTexts(JSON.parse(text)) : text.split('\n');
    },
    numbers: (name) => {
      const { bytes } = column(name);
      const numbers = new Float64Array(bytes.length / Float64Array.BYTES_PER_ELEMENT);
      new Uint8Array(numbers.buffer).set(bytes);
      return numbers;
    },
    bytes: (name) => column(name).bytes,
    json: (name) => JSON.parse(column(name).bytes.toString('utf8')),
  };
}

/** The seal proves that `writeSealedColumns` wrote this line, if it has this form. */
function parseHead(line: string): { readonly format: number; readonly columns: readonly ColumnHead[] } | undefined {
  if (!line.startsWith('{"format":') || !line.includes('"columns":[')) return undefined;
  return JSON.parse(line) as { readonly format: number; readonly columns: readonly ColumnHead[] };
}

/** Likewise. */
function asTexts(value: unknown): readonly string[] {
  return value as readonly string[];
}
