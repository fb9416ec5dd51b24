import { describe, expect, it } from 'vitest';
import { type JsonLine, readJsonLines } from './json-lines.ts';

async function read(...chunks: (string | Uint8Array)[]): Promise<JsonLine[]> {
  const lines: JsonLine[] = [];
  async function* stream() {
    yield* chunks;
  }
  for await (const line of readJsonLines(stream())) lines.push(line);
  return lines;
}

describe('readJsonLines', () => {
  it('reads one object per line, the last without an end', async () => {
    expect(await read('{"a":1}\n{"b":2}')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('joins lines and characters that were cut between chunks', async () => {
    const bytes = Buffer.from('{"stream":"geladen ✓"}\r\n');
    const cut = bytes.indexOf('✓') + 1;
    expect(await read(bytes.subarray(0, 5), bytes.subarray(5, cut), bytes.subarray(cut))).toEqual([
      { stream: 'geladen ✓' },
    ]);
  });

  it('passes over what is not an object', async () => {
    expect(await read('oops\n\n[1]\nnull\n{"a":1}\n{"half')).toEqual([{ a: 1 }]);
  });

  it('does not gather a line without end', async () => {
    expect(await read('x'.repeat(1024 * 1024 + 1), '\n{"a":1}\n')).toEqual([{ a: 1 }]);
  });
});
