import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { expectNone } from './problems.ts';
import { readSource } from './source-file.ts';
import { findFiles, type Member, packageOf, readPackages, readPublicPackages } from './workspace.ts';

const packages = readPackages();

describe('exports maps', () => {
  it.each(packages)('$name exports each file at the top of src, and nothing else', (member) => {
    const files = entryFiles(member).map((path) => path.slice(`${member.directory}/src/`.length, -'.ts'.length));
    expect(entryNames(member)).toEqual(files);
  });

  it.each(packages)('$name names source, types and default in this order', ({ manifest }) => {
    for (const [key, target] of Object.entries(manifest.exports ?? {})) {
      if (key.endsWith('.json')) expect(target).toBe(key);
      else expect(Object.entries(target)).toEqual(conditionsOf(key === '.' ? 'index' : key.slice('./'.length)));
    }
  });

  it.each(readPublicPackages())('$name is packed with what its exports name', ({ manifest }) => {
    expect(manifest.exports).toHaveProperty(['./package.json']);
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'README.md']));
    for (const file of Object.values(manifest.bin ?? {})) expect(file).toMatch(/^\.\/dist\/[a-z-]+\.js$/);
  });
});

describe('entry files', () => {
  const entries = packages.flatMap((member) => entryFiles(member).map((path) => ({ path, member })));

  it.each(entries)('$path only re-exports names from its own lib', ({ path, member }) => {
    expectNone(readSource(path).statements.flatMap((statement) => describeProblem(statement, member)));
  });

  it('are the only index files', () => {
    const extra = packages
      .flatMap((member) => findFiles(member, 'src/**/index.ts'))
      .filter((path) => !/^[^/]+\/[^/]+\/src\/index\.ts$/.test(path));
    expectNone(extra.map((path) => `${path}: name the file after what it exports`));
  });
});

/** The files at the top of src, without a file that `bin` names. */
function entryFiles(member: Member): readonly string[] {
  const bins = Object.values(member.manifest.bin ?? {}).map((file) => file.replace(/^\.\/dist\/(.+)\.js$/, '$1'));
  return findFiles(member, 'src/*.ts').filter(
    (path) => !path.endsWith('.test.ts') && !bins.some((bin) => path === `${member.directory}/src/${bin}.ts`),
  );
}

function entryNames({ manifest }: Member): readonly string[] {
  const keys = Object.keys(manifest.exports ?? {}).filter((key) => !key.endsWith('.json'));
  return keys.map((key) => (key === '.' ? 'index' : key.slice('./'.length))).sort();
}

function conditionsOf(entry: string): readonly (readonly [string, string])[] {
  return [
    ['@mcpgen/source', `./src/${entry}.ts`],
    ['types', `./dist/${entry}.d.ts`],
    ['default', `./dist/${entry}.js`],
  ];
}

function describeProblem(statement: ts.Statement, member: Member): readonly string[] {
  const text = statement.getText().split('\n', 1)[0];
  if (!ts.isExportDeclaration(statement)) return [`"${text}" is not a re-export: move it to src/lib`];
  if (statement.exportClause === undefined) return [`"${text}" re-exports everything: name what is public`];
  if (statement.moduleSpecifier === undefined) return isEmpty(statement) ? ['the entry exports nothing yet'] : [];
  if (!ts.isStringLiteral(statement.moduleSpecifier)) return [`"${text}" names no module`];
  const specifier = statement.moduleSpecifier.text;
  if (specifier.startsWith('./lib/')) return [];
  return [`"${text}" re-exports names of ${packageOf(specifier)}, which is not ${member.name}`];
}

function isEmpty(statement: ts.ExportDeclaration): boolean {
  const clause = statement.exportClause;
  return clause !== undefined && ts.isNamedExports(clause) && clause.elements.length === 0;
}
