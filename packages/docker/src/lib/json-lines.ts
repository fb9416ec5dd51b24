/** One JSON object of a stream. */
export type JsonLine = Readonly<Record<string, unknown>>;

/** More than this in one line is not a message of Docker. */
const MAX_LINE = 1024 * 1024;

/**
 * Reads a stream of JSON objects, one per line. Lines that are no objects are passed over: progress that cannot be read
 * must not fail what it tells about.
 */
export async function* readJsonLines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<JsonLine> {
  for await (const line of readJsonTextLines(stream)) if (typeof line !== 'string') yield line;
}

/** The same with the lines that are no objects, as text: what a command says among its records. */
export async function* readJsonTextLines(
  stream: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<JsonLine | string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) rest = '';
    for (const line of lines) yield* parseLine(line);
  }
  yield* parseLine(rest);
}

function* parseLine(line: string): Generator<JsonLine | string> {
  if (line.trim() === '') return;
  try {
    const value: unknown = JSON.parse(line);
    yield isObject(value) ? value : line;
  } catch {
    yield line;
  }
}

function isObject(value: unknown): value is JsonLine {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
