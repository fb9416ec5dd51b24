import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Module, ModuleImport } from './module-graph.ts';
import { planChunks } from './plan-chunks.ts';
import type { ImportKind } from './scan.ts';

describe('planChunks', () => {
  it('puts what one tool alone uses into its chunk', () => {
    const { chunks } = plan({ 'tools/a.ts': ['lib/x.ts'], 'lib/x.ts': ['lib/y.ts'] }, ['tools/a.ts']);
    expect([...chunks.values()]).toEqual([
      {
        name: 'tools/a',
        root: 'tools/a.ts',
        files: ['lib/x.ts', 'lib/y.ts', 'tools/a.ts'],
        imports: [],
        dependencies: [],
      },
    ]);
  });

  it('gives shared code a chunk of its own, with all that only it uses', () => {
    const { chunks, chunkOf } = plan(
      {
        'tools/a.ts': ['lib/x.ts'],
        'tools/b.ts': ['lib/x.ts'],
        'lib/x.ts': ['lib/y.ts', 'lib/z.ts'],
        'lib/z.ts': ['lib/y.ts'],
      },
      ['tools/a.ts', 'tools/b.ts'],
    );
    expect(chunks.get('lib/x')?.files).toEqual(['lib/x.ts', 'lib/y.ts', 'lib/z.ts']);
    expect(chunks.get('tools/a')?.imports).toEqual(['lib/x']);
    expect(chunkOf.get('lib/y.ts')).toBe('lib/x');
  });

  it('gives a module that is imported dynamically a chunk of its own', () => {
    const { chunks } = plan({ 'tools/a.ts': ['dynamic lib/x.ts'] }, ['tools/a.ts']);
    expect([...chunks.keys()]).toEqual(['lib/x', 'tools/a']);
    expect(chunks.get('tools/a')?.imports).toEqual(['lib/x']);
  });

  it('keeps an entry that another one imports in its own chunk', () => {
    const { chunks } = plan({ 'tools/a.ts': ['tools/b.ts'] }, ['tools/b.ts', 'tools/a.ts']);
    expect(chunks.get('tools/b')?.files).toEqual(['tools/b.ts']);
  });

  it('lists the packages that a chunk imports', () => {
    const { chunks } = plan({ 'tools/a.ts': ['package zod', 'lib/x.ts'], 'lib/x.ts': ['package pg'] }, ['tools/a.ts']);
    expect(chunks.get('tools/a')?.dependencies).toEqual(['pg', 'zod']);
  });

  it('leaves out what no entry reaches', () => {
    expect([...plan({ 'tools/a.ts': [], 'lib/x.ts': [] }, ['tools/a.ts']).chunkOf.keys()]).toEqual(['tools/a.ts']);
  });

  it('names chunks apart whose roots differ by extension, and those outside the project', () => {
    const entries = ['tools/a.ts', 'tools/a.js', 'tools/a.json', '../shared/b.ts'];
    expect([...plan(Object.fromEntries(entries.map((entry) => [entry, []])), entries).chunks.keys()]).toEqual([
      '_/shared/b',
      'tools/a',
      'tools/a.json',
      'tools/a.ts',
    ]);
  });

  it('cuts every graph so that each module lies in one chunk, which is entered only at its root', () => {
    fc.assert(
      fc.property(anyGraph(), ({ edges, entries }) => {
        const { chunks, chunkOf } = plan(edges, entries);
        const everyFile = [...chunks.values()].flatMap(({ files }) => files);
        expect(new Set(everyFile).size).toBe(everyFile.length);
        expect([...everyFile].sort()).toEqual([...chunkOf.keys()].sort());
        for (const entry of entries) expect(chunks.get(chunkOf.get(entry) ?? '')?.root).toBe(entry);
        for (const [file, targets] of Object.entries(edges)) {
          const from = chunkOf.get(file);
          if (from === undefined) continue;
          for (const target of targets) {
            const [path = '', kind] = target.split(' ').reverse();
            const to = chunks.get(chunkOf.get(path) ?? '');
            if (to?.name !== from || kind === 'dynamic') expect(to?.root).toBe(path);
            if (to?.name !== from) expect(chunks.get(from)?.imports).toContain(to?.name);
          }
        }
      }),
    );
  });

  it('does not depend on the order of the entries', () => {
    fc.assert(
      fc.property(anyGraph(), ({ edges, entries }) => {
        expect(plan(edges, [...entries].reverse())).toEqual(plan(edges, entries));
      }),
    );
  });

  it('needs no more chunks than there are ways in: each root has two importers, or is an entry, or is imported lazily', () => {
    fc.assert(
      fc.property(anyGraph(), ({ edges, entries }) => {
        const { chunks, chunkOf } = plan(edges, entries);
        for (const { name, root } of chunks.values()) {
          const importers = Object.entries(edges).filter(
            ([file, targets]) => chunkOf.has(file) && chunkOf.get(file) !== name && targets.includes(root),
          );
          const chunksOfImporters = new Set(importers.map(([file]) => chunkOf.get(file)));
          const isLazy = Object.values(edges).some((targets) => targets.includes(`dynamic ${root}`));
          expect(entries.includes(root) || isLazy || chunksOfImporters.size > 1).toBe(true);
        }
      }),
    );
  });
});

type Edges = Readonly<Record<string, readonly string[]>>;

/** Edges as text: `lib/x.ts`, `dynamic lib/x.ts` or `package zod`. */
function plan(edges: Edges, entries: readonly string[]) {
  const modules = new Map<string, Module>();
  const add = (file: string, targets: readonly string[] = []) =>
    modules.set(file, { file, digest: 'sha256:0', imports: targets.map(toImport), exports: 'unknown', stars: [] });
  for (const [file, targets] of Object.entries(edges)) add(file, targets);
  for (const target of Object.values(edges).flat()) {
    const [path = '', kind] = target.split(' ').reverse();
    if (kind !== 'package' && !modules.has(path)) add(path);
  }
  return planChunks({ modules }, entries);
}

function toImport(text: string): ModuleImport {
  const [path = '', word] = text.split(' ').reverse();
  const kind: ImportKind = word === 'dynamic' ? 'dynamic' : 'static';
  const target: ModuleImport['target'] =
    word === 'package' ? { kind: 'package', name: path } : { kind: 'file', file: path };
  return { specifier: path, kind, names: 'all', line: 1, column: 1, target };
}

function anyGraph() {
  const files = Array.from({ length: 10 }, (_, index) => `m${index}.ts`);
  const target = fc
    .tuple(fc.constantFrom('', '', '', 'dynamic '), fc.constantFrom(...files))
    .map((parts) => parts.join(''));
  return fc.record({
    edges: fc
      .array(fc.array(target, { maxLength: 4 }), { minLength: 10, maxLength: 10 })
      .map((lists): Edges => Object.fromEntries(lists.map((list, index) => [`m${index}.ts`, list]))),
    entries: fc.uniqueArray(fc.constantFrom(...files), { minLength: 1, maxLength: 4 }),
  });
}
