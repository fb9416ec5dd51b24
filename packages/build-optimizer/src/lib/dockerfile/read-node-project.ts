import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectUnreadable } from './errors.ts';
import type { InstallPlan } from './package-manager.ts';

/** What a Dockerfile needs to know of a project of Node. */
export interface NodeProject {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly description: string | undefined;
  readonly install: InstallPlan;
  readonly scripts: Readonly<Record<string, string>>;
  /** Names of all packages that it depends on, to run or to be built. */
  readonly packages: readonly string[];
  /** The file that it starts with: of the script `start`, of `bin` or of `main`. */
  readonly main: string | undefined;
  /** The root of the workspace that it belongs to, where it has no lockfile of its own. */
  readonly workspace: string | undefined;
}

/** From the most telling: a project that changed its package manager may have kept another's file. */
const LOCKFILES: readonly (readonly [file: string, manager: InstallPlan['manager']])[] = [
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

/** Files beside package.json that installations read. */
const INSTALL_FILES: Readonly<Record<InstallPlan['manager'], readonly string[]>> = {
  npm: [],
  pnpm: ['pnpm-workspace.yaml', '.pnpmfile.cjs', '.pnpmfile.mjs'],
  yarn: ['.yarnrc'],
  'yarn-berry': ['.yarnrc.yml', '.yarn/releases/', '.yarn/plugins/', '.yarn/patches/'],
  bun: ['bunfig.toml'],
};

/**
 * Reads package.json and looks which lockfile lies beside it.
 *
 * @throws DockerfileError where there is no package.json, or it is not one.
 */
export function readNodeProject(directory: string): NodeProject {
  const manifest = readManifest(join(directory, 'package.json'));
  const { manager, version, lockfile } = packageManager(directory, text(manifest.packageManager));
  const has = (path: string): boolean => existsSync(join(directory, path));
  const files = [
    'package.json',
    ...(lockfile === undefined ? [] : [lockfile]),
    ...INSTALL_FILES[manager].filter(has),
    ...(has('patches') ? ['patches/'] : []),
    ...localPackages(manifest, directory),
  ];
  const scripts = texts(manifest.scripts);
  return {
    name: text(manifest.name),
    version: text(manifest.version),
    description: text(manifest.description),
    install: {
      manager,
      ...(version === undefined ? {} : { version }),
      files,
      locked: lockfile !== undefined,
      npmrc: has('.npmrc'),
      prepare: scripts.prepare !== undefined,
    },
    scripts,
    packages: ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((field) =>
      Object.keys(texts(manifest[field])),
    ),
    main: mainOf(manifest, scripts),
    workspace: lockfile === undefined ? workspaceAbove(directory) : undefined,
  };
}

function readManifest(path: string): Readonly<Record<string, unknown>> {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    throw projectUnreadable(path, existsSync(path) ? 'it is no file that can be read' : 'there is no such file', error);
  }
  try {
    const value: unknown = JSON.parse(source.replace(/^\uFEFF/, ''));
    if (isRecord(value)) return value;
  } catch (error) {
    throw projectUnreadable(path, 'it is not JSON', error);
  }
  throw projectUnreadable(path, 'it is not an object');
}

function packageManager(directory: string, declared: string | undefined) {
  const [, name, version] = /^(npm|pnpm|yarn|bun)@(\d+[\w.-]*)/.exec(declared ?? '') ?? [];
  const found = LOCKFILES.filter(([file]) => existsSync(join(directory, file)));
  const [lockfile, manager = 'npm'] = found.find(([, manager]) => manager === name) ?? found[0] ?? [undefined, name];
  const kind = manager === 'yarn' && isBerry(directory, version, lockfile) ? 'yarn-berry' : manager;
  return { manager: kind as InstallPlan['manager'], version: name === manager ? version : undefined, lockfile };
}

/** From its second version yarn writes `__metadata` into the lockfile. */
function isBerry(directory: string, version: string | undefined, lockfile: string | undefined): boolean {
  if (version !== undefined) return !version.startsWith('1.') && version !== '1';
  return lockfile !== undefined && /^__metadata:/m.test(readFileSync(join(directory, lockfile), 'utf8'));
}

/** What `file:` names: a tarball or a directory of the project, without which nothing can be installed. */
function localPackages(manifest: Readonly<Record<string, unknown>>, directory: string): readonly string[] {
  const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides', 'resolutions'];
  const paths = fields
    .flatMap((field) => Object.values(texts(manifest[field])))
    .filter((range) => range.startsWith('file:'))
    .map((range) => range.slice('file:'.length).replace(/^\.\//, '').replace(/\/$/, ''))
    .filter((path) => path !== '' && !path.startsWith('/') && !path.split('/').includes('..'));
  return [...new Set(paths)]
    .filter((path) => existsSync(join(directory, path)))
    .map((path) => (statSync(join(directory, path)).isDirectory() ? `${path}/` : path));
}

function mainOf(
  manifest: Readonly<Record<string, unknown>>,
  scripts: Readonly<Record<string, string>>,
): string | undefined {
  const started = /(?:^|\s)node\s+(?:--?[\w-]+(?:=\S+)?\s+)*([\w./@-]+)/.exec(scripts.start ?? '')?.[1];
  const bin = text(manifest.bin) ?? Object.values(texts(manifest.bin))[0];
  return (started ?? bin ?? text(manifest.main))?.replace(/^\.\//, '');
}

/** The root of the workspace that a directory without a lockfile may belong to. */
function workspaceAbove(directory: string): string | undefined {
  for (let parent = dirname(directory); parent !== dirname(parent); parent = dirname(parent)) {
    if (existsSync(join(parent, 'pnpm-workspace.yaml'))) return parent;
    const manifest = join(parent, 'package.json');
    if (existsSync(manifest) && 'workspaces' in readManifest(manifest)) return parent;
  }
  return undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => text(entry[1]) !== undefined),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
