import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader } from './line-reader.ts';

function read(chunks: readonly Buffer[]): { lines: string[]; problems: string[] } {
  const lines: string[] = [];
  const problems: string[] = [];
  const reader = new LineReader(
    (more) => lines.push(...more),
    (problem) => problems.push(problem),
  );
  for (const chunk of chunks) reader.push(chunk);
  return { lines, problems };
}

describe('LineReader', () => {
  it('gives the same lines however the bytes are cut', () => {
    const line = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.array(fc.nat(200)), (lines, cuts) => {
        const bytes = Buffer.from(`${lines.join('\n')}\n`);
        const points = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
        const chunks = points.slice(1).map((end, index) => bytes.subarray(points[index], end));
        expect(read(chunks.filter(({ length }) => length > 0)).lines).toEqual(lines);
      }),
    );
  });

  it('says which line is not UTF-8, and reads the others', () => {
    const found = read([Buffer.concat([Buffer.from('a\n'), Buffer.from([0xff]), Buffer.from('\nb\n')])]);
    expect(found).toEqual({ lines: ['a', 'b'], problems: ['not-utf8'] });
  });

  it('gives up a line that is too long, and reads the next', () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const chunks = [...Array<Buffer>(20).fill(megabyte), Buffer.from('end\nnext\n')];
    expect(read(chunks)).toEqual({ lines: ['next'], problems: ['too-long'] });
  });
});
