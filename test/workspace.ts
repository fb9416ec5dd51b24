import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's root directory. */
export const root: string = join(import.meta.dirname, '..');

/** The fields of a package.json that the rules read. */
export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly publishConfig?: { readonly access?: string };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** One member of the workspace. */
export interface Member {
  readonly name: string;
  /** Relative to the root, with `/`: `packages/oci`. */
  readonly directory: string;
  readonly manifest: Manifest;
}

/** The packages of `packages/` and `apps/`: what is published, and `testing`. */
export function readPackages(): readonly Member[] {
  return readMembers('packages', 'apps');
}

/** The packages that are published. */
export function readPublicPackages(): readonly Member[] {
  return readPackages().filter((member) => member.manifest.private !== true);
}

/** The example projects. */
export function readExamples(): readonly Member[] {
  return readMembers('examples');
}

/** The root's own package.json. */
export function readRootManifest(): Manifest {
  return readManifest('.');
}

function readMembers(...parents: readonly string[]): readonly Member[] {
  return parents
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((directory) => existsSync(join(root, directory, 'package.json')))
    .sort()
    .map((directory) => {
      const manifest = readManifest(directory);
      return { name: manifest.name, directory, manifest };
    });
}

function readManifest(directory: string): Manifest {
  return JSON.parse(readText(`${directory}/package.json`)) as Manifest;
}

/** A file of the repository, by its path relative to the root. */
export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Whether the repository has this file, by its path relative to the root. */
export function hasFile(path: string): boolean {
  return existsSync(join(root, path));
}

/** Files of a member that match a pattern, relative to the root and sorted bytewise. */
export function findFiles(member: Member, pattern: string): readonly string[] {
  return globSync(pattern, { cwd: join(root, member.directory), exclude: isIgnored })
    .map((path) => `${member.directory}/${path}`)
    .sort();
}

function isIgnored(path: string): boolean {
  return /(^|\/)(node_modules|dist|fixtures)(\/|$)/.test(path);
}

/** The source files of a member, tests left out: what is published. */
export function findSources(member: Member): readonly string[] {
  return findFiles(member, 'src/**/*.{ts,js}').filter((path) => !/\.(test|contract)\.ts$/.test(path));
}

/** The tests, contract suites and examples of a member. */
export function findTests(member: Member): readonly string[] {
  const beside = findFiles(member, 'src/**/*.{test,contract}.ts');
  return [...beside, ...findFiles(member, '{test,examples}/**/*.ts')];
}

/** The package that a bare specifier names: `@mcpgen/oci` for `@mcpgen/oci/x`. */
export function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
