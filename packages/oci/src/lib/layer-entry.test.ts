import { describe, expect, it } from 'vitest';
import { type LayerEntry, normalMode, planLayerEntries } from './layer-entry.ts';

const file = (path: string): LayerEntry => ({ kind: 'file', path, source: Buffer.alloc(0) });

describe('planLayerEntries', () => {
  it('orders by bytes and adds each parent once', () => {
    const plan = planLayerEntries([
      file('app/z.js'),
      file('app/lib/a.js'),
      file('app/lib/Z.js'),
      file('a'),
      file('app/\u{1f600}'),
      file('app/\uffee'),
    ]);
    expect(plan.map(({ path }) => path)).toEqual([
      'a',
      'app',
      'app/lib',
      'app/lib/Z.js',
      'app/lib/a.js',
      'app/z.js',
      'app/\uffee',
      'app/\u{1f600}',
    ]);
  });

  it('keeps the mode of a directory that is given, also after its files', () => {
    const plan = planLayerEntries([file('tmp/x'), { kind: 'directory', path: 'tmp', mode: 0o1777 }]);
    expect(plan[0]).toEqual({ kind: 'directory', path: 'tmp', mode: 0o1777 });
  });

  it('takes the same directory twice', () => {
    const directory = { kind: 'directory', path: 'a' } as const;
    expect(planLayerEntries([directory, directory])).toHaveLength(1);
  });

  it.each([
    ['/etc/passwd', 'relative'],
    ['../x', 'relative'],
    ['a/../b', 'relative'],
    ['./a', 'relative'],
    ['a//b', 'relative'],
    ['a/', 'relative'],
    ['', 'empty'],
    ['a\u0000b', 'control character'],
    ['a\nb', 'control character'],
    ['a/.wh.b', 'mean deletion'],
    ['.wh..wh..opq', 'mean deletion'],
    ['a\ud800', 'surrogate'],
    [`${'x/'.repeat(2100)}y`, 'longer than'],
  ])('refuses the path %j', (path, problem) => {
    expect(() => planLayerEntries([file(path)])).toThrow(expect.objectContaining({ code: 'LAYER_ENTRY_INVALID' }));
    expect(() => planLayerEntries([file(path)])).toThrow(problem);
  });

  it('refuses two entries of one path, and what lies below a file or a link', () => {
    expect(() => planLayerEntries([file('a'), file('a')])).toThrow('two entries have this path');
    expect(() => planLayerEntries([file('a'), file('a/b')])).toThrow('"a" is a file');
    expect(() => planLayerEntries([{ kind: 'symlink', path: 'a', target: '/etc' }, file('a/b/c')])).toThrow(
      '"a" is a symlink',
    );
  });
});

describe('normalMode', () => {
  it.each([
    [{ kind: 'file', path: 'a', source: '', mode: 0o600 }, 0o644],
    [{ kind: 'file', path: 'a', source: '', mode: 0o4711 }, 0o755],
    [{ kind: 'file', path: 'a', source: '' }, 0o644],
    [{ kind: 'directory', path: 'a', mode: 0o700 }, 0o755],
    [{ kind: 'directory', path: 'a', mode: 0o1700 }, 0o1777],
    [{ kind: 'symlink', path: 'a', target: 'b' }, 0o777],
  ] satisfies [LayerEntry, number][])('makes of %j the mode %o', (entry, mode) => {
    expect(normalMode(entry)).toBe(mode);
  });
});
