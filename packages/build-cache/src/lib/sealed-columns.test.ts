import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@mcpgen/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSealedColumns, writeSealedColumns } from './sealed-columns.ts';
import { writeSealedFile } from './sealed-file.ts';

const COLUMNS = {
  names: ['a', '', 'größe'],
  torn: ['one\ntwo', 'three'],
  none: [],
  empty: [''],
  numbers: Float64Array.from([1.5, -0, 2 ** 53, Number.NaN]),
  bytes: Buffer.from('{"a":1}'),
  head: { json: { deep: [1, 'x\n'] } },
};

describe('readSealedColumns', () => {
  it('gives back what was written, each column by itself', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'deep/columns');
    writeSealedColumns(file, 3, COLUMNS);
    const read = readSealedColumns(file, 3);
    for (const name of ['names', 'torn', 'none', 'empty'] as const) expect(read?.texts(name)).toEqual(COLUMNS[name]);
    expect(read?.numbers('numbers')).toEqual(COLUMNS.numbers);
    expect(read?.bytes('bytes').equals(COLUMNS.bytes)).toBe(true);
    expect(read?.json('head')).toEqual(COLUMNS.head.json);
    expect(() => read?.texts('others')).toThrow(RangeError);
  });

  it('gives nothing where there is no file, it is of another format, or it is damaged or cut anywhere', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'columns');
    expect(readSealedColumns(file, 3)).toBeUndefined();
    writeSealedColumns(file, 3, COLUMNS);
    expect(readSealedColumns(file, 4)).toBeUndefined();
    const bytes = await readFile(file);
    const change = fc.record({
      at: fc.nat(bytes.length - 1),
      bits: fc.integer({ min: 1, max: 255 }),
      cut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, bits, cut }) => {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ bits;
        await writeFile(file, cut ? bytes.subarray(0, at) : copy);
        expect(readSealedColumns(file, 3)).toBeUndefined();
      }),
    );
  });

  it('gives nothing for a sealed text of another kind', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'text');
    for (const text of ['', '\n', '{"format":3}', '{"format":3,"steps":[]}\nmore', '{"format":3\n"columns":[']) {
      writeSealedFile(file, text);
      expect(readSealedColumns(file, 3)).toBeUndefined();
    }
  });
});
