import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { expectNone } from './problems.ts';
import { readSource } from './source-file.ts';
import {
  findSources,
  findTests,
  hasFile,
  type Member,
  packageOf,
  readExamples,
  readPackages,
  readRootManifest,
} from './workspace.ts';

/** Dependencies that no file of the package imports, and why they are declared. */
const usedWithoutImport: Readonly<Record<string, string>> = {};

const packages = readPackages();
const root = readRootManifest();

describe('imports', () => {
  it.each(packages)('$name imports in src only what it depends on', (member) => {
    const { dependencies, peerDependencies, optionalDependencies } = member.manifest;
    const declared = namesOf(dependencies, peerDependencies, optionalDependencies);
    expectNone(undeclared(member, findSources(member), declared));
  });

  it.each(packages)('$name imports in tests only what it declares', (member) => {
    expectNone(undeclared(member, findTests(member), everythingDeclared(member)));
  });

  it.each(readExamples())('$directory imports only what it declares', (member) => {
    const files = [...findSources(member), ...findTests(member), ...projectFiles(member)];
    expectNone(undeclared(member, files, everythingDeclared(member)));
  });

  it.each(packages)('$name depends only on what it imports', (member) => {
    const named = new Set(findSources(member).flatMap((path) => namedPackages(path)));
    const unused = Object.keys(member.manifest.dependencies ?? {}).filter(
      (name) => !named.has(name) && usedWithoutImport[`${member.name} → ${name}`] === undefined,
    );
    expectNone(unused.map((name) => `${member.directory}/package.json declares "${name}", which no file of src names`));
  });

  it.each(packages)('$name reaches no file outside itself', (member) => {
    const files = [...findSources(member), ...findTests(member)];
    const outside = files.flatMap((path) =>
      readSource(path)
        .imports.filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => join(path, '..', specifier))
        .filter((target) => !target.startsWith(`${member.directory}/`))
        .map((target) => `${path} imports ${target}: import the package by its name`),
    );
    expectNone(outside);
  });

  it('names Node modules with node:', () => {
    const files = [...packages, ...readExamples()].flatMap((member) => [...findSources(member), ...findTests(member)]);
    const bare = files.flatMap((path) =>
      readSource(path)
        .imports.filter((specifier) => isBuiltin(specifier) && !specifier.startsWith('node:'))
        .map((specifier) => `${path} imports "${specifier}": write "node:${specifier}"`),
    );
    expectNone(bare);
  });
});

function undeclared(member: Member, paths: readonly string[], declared: ReadonlySet<string>): readonly string[] {
  return paths.flatMap((path) =>
    readSource(path)
      .imports.filter((specifier) => !/^[./#]|^node:|^(data|file|https?):/.test(specifier) && !isBuiltin(specifier))
      .filter((specifier) => packageOf(specifier) !== member.name && !declared.has(packageOf(specifier)))
      .map((specifier) => `${path} imports "${specifier}", which ${member.directory}/package.json does not declare`),
  );
}

function everythingDeclared({ manifest }: Member): ReadonlySet<string> {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
  return namesOf(dependencies, devDependencies, peerDependencies, optionalDependencies, root.devDependencies);
}

function namesOf(...groups: readonly (Readonly<Record<string, string>> | undefined)[]): ReadonlySet<string> {
  return new Set(groups.flatMap((group) => Object.keys(group ?? {})));
}

function namedPackages(path: string): readonly string[] {
  const { imports, strings } = readSource(path);
  return [...imports, ...strings].map(packageOf);
}

function projectFiles({ directory }: Member): readonly string[] {
  const names = ['check.ts', 'mcpgen.config.ts'];
  return names.map((name) => `${directory}/${name}`).filter(hasFile);
}
