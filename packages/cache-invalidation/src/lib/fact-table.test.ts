import { describe, expect, it } from 'vitest';
import { changeTable, type FactTable, factsAt, toFactTable, wasAbsent } from './fact-table.ts';

const facts = (size: number) => ({ size, mtime: 2, ctime: 3, ino: 4, mode: 5 });

function rows(table: FactTable) {
  return table.paths.map((path, row) => [path, wasAbsent(table, row) ? null : factsAt(table, row).size]);
}

describe('changeTable', () => {
  const table = toFactTable([
    { path: 'a', facts: facts(1) },
    { path: 'b', facts: null },
    { path: 'c', facts: facts(3) },
  ]);

  it.each<[string, readonly (readonly [string, number | null])[], readonly string[], unknown]>([
    [
      'nothing',
      [],
      [],
      [
        ['a', 1],
        ['b', null],
        ['c', 3],
      ],
    ],
    [
      'rows in place',
      [
        ['c', 30],
        ['a', null],
      ],
      [],
      [
        ['a', null],
        ['b', null],
        ['c', 30],
      ],
    ],
    [
      'rows behind',
      [
        ['e', 5],
        ['d', 4],
      ],
      [],
      [
        ['a', 1],
        ['b', null],
        ['c', 3],
        ['e', 5],
        ['d', 4],
      ],
    ],
    [
      'what is gone',
      [],
      ['a', 'x'],
      [
        ['b', null],
        ['c', 3],
      ],
    ],
    [
      'all at once',
      [
        ['c', 30],
        ['d', 4],
      ],
      ['a'],
      [
        ['b', null],
        ['c', 30],
        ['d', 4],
      ],
    ],
    [
      'what is gone and there again',
      [['a', 10]],
      ['a'],
      [
        ['a', 10],
        ['b', null],
        ['c', 3],
      ],
    ],
  ])('takes in %s', (_what, changed, gone, expected) => {
    const now = changed.map(([path, size]) => ({ path, facts: size === null ? null : facts(size) }));
    expect(rows(changeTable(table, [{ rows: now, gone }]))).toEqual(expected);
    expect(rows(table)).toEqual([
      ['a', 1],
      ['b', null],
      ['c', 3],
    ]);
  });

  it('takes in one change after the other', () => {
    const changes = [
      { rows: [{ path: 'd', facts: facts(4) }], gone: ['a'] },
      { rows: [{ path: 'a', facts: facts(10) }], gone: ['d'] },
      { rows: [{ path: 'a', facts: facts(11) }] },
    ];
    expect(rows(changeTable(table, changes))).toEqual([
      ['a', 11],
      ['b', null],
      ['c', 3],
    ]);
  });
});
