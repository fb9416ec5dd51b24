import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import {
  authMissing,
  linkUnreadable,
  nameInvalid,
  nameTaken,
  nameTakenButForCase,
  projectEmpty,
  projectMissing,
  projectUnreadable,
  quote,
} from './errors.ts';
import type { OnGeneratorEvent } from './event.ts';
import { nameFault, nameWarning } from './name.ts';
import type { Project, Source, SourceKind } from './project.ts';
import { readPackage } from './read-package.ts';

export interface DiscoverOptions {
  /** The file that says who may call, relative to the directory; by default there is none. */
  readonly auth?: string | undefined;
  readonly onEvent?: OnGeneratorEvent | undefined;
}

const FOLDERS: readonly (readonly [folder: string, kind: SourceKind])[] = [
  ['connectors', 'connector'],
  ['prompts', 'prompt'],
  ['resources', 'resource'],
  ['tools', 'tool'],
];
const SOURCE = /^(?<stem>[^_.].*)\.(?:ts|mts|js|mjs|tsx)$/;
const NOT_SOURCE = /\.(?:test|spec|d)$/;

/**
 * Finds what a project directory serves, by the names of its files alone: nothing is loaded.
 *
 * Tools lie in `tools/`, resources in `resources/`, prompts in `prompts/`, connectors in `connectors/`; each folder is
 * optional, and folders within them become part of the name. Tests, type declarations, and what begins with `_` or `.`
 * are passed over.
 *
 * @throws GeneratorError when the directory is missing or has nothing to serve, or a name is bad or taken.
 */
export function discoverProject(directory: string, { auth, onEvent }: DiscoverOptions = {}): Project {
  const root = resolve(directory);
  const entries = readRoot(root);
  const found: Found = { directories: ['.'], sources: [], passed: [], onEvent };
  for (const [folder, kind] of FOLDERS) {
    const entry = entries.find(({ name }) => name === folder);
    const type = entry === undefined ? undefined : typeOf(root, folder, entry);
    if (type === 'directory') collect({ ...found, root, kind, seen: new Set() }, folder, '');
    else if (type === 'file') found.passed.push(`${quote(folder)}, which is a file`);
    else if (type === 'dangling') warnOfLink(folder, onEvent);
  }
  const { directories, sources, passed } = found;
  if (!sources.some(({ kind }) => kind !== 'connector')) throw projectEmpty(root, sources.length > 0, passed);
  if (auth !== undefined) sources.push({ kind: 'auth', name: 'auth', file: authFile(root, auth) });
  sources.sort((a, b) => (a.kind === b.kind ? (a.name < b.name ? -1 : 1) : a.kind < b.kind ? -1 : 1));
  checkNames(sources, onEvent);
  return { directory: root, ...readPackage(root), sources, directories: directories.sort() };
}

interface Found {
  readonly sources: Source[];
  readonly directories: string[];
  /** What is no source, as messages name it. */
  readonly passed: string[];
  readonly onEvent: OnGeneratorEvent | undefined;
}

interface Walk extends Found {
  readonly root: string;
  readonly kind: SourceKind;
  /** Real paths of linked directories, so that a link to a parent ends. */
  readonly seen: Set<string>;
}

function collect(walk: Walk, folder: string, prefix: string): void {
  walk.directories.push(folder);
  for (const entry of readFolder(walk.root, folder)) {
    if (entry.name.startsWith('_') || entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = `${folder}/${entry.name}`;
    const type = typeOf(walk.root, path, entry);
    if (type === 'directory') {
      if (!entry.isSymbolicLink() || firstVisit(walk, path)) collect(walk, path, `${prefix}${entry.name}_`);
    } else if (type === 'file') {
      const stem = SOURCE.exec(entry.name)?.groups?.stem;
      if (stem === undefined || NOT_SOURCE.test(stem)) walk.passed.push(quote(path));
      else walk.sources.push({ kind: walk.kind, name: prefix + stem, file: path });
    } else if (type === 'dangling') {
      warnOfLink(path, walk.onEvent);
      walk.passed.push(`${quote(path)}, a link that leads nowhere`);
    }
  }
}

function firstVisit({ root, seen }: Walk, path: string): boolean {
  const real = realpathSync(join(root, path));
  if (seen.has(real) || `${realpathSync(join(root, path, '..'))}/`.startsWith(`${real}/`)) return false;
  seen.add(real);
  return true;
}

function warnOfLink(path: string, onEvent: OnGeneratorEvent | undefined): void {
  onEvent?.({ type: 'warning', message: `The link ${quote(path)} leads nowhere: it is passed over`, file: path });
}

function typeOf(root: string, path: string, entry: Dirent): 'file' | 'directory' | 'dangling' | 'other' {
  if (!entry.isSymbolicLink()) return entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other';
  const target = followLink(root, path);
  if (target === undefined) return 'dangling';
  return target.isFile() ? 'file' : target.isDirectory() ? 'directory' : 'other';
}

function followLink(root: string, path: string): Stats | undefined {
  try {
    return statSync(join(root, path), { throwIfNoEntry: false });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    throw code === 'ELOOP' ? linkUnreadable(path, cause) : projectUnreadable(path, cause);
  }
}

function readRoot(root: string): Dirent[] {
  try {
    return readdirSync(root, { withFileTypes: true });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') throw projectMissing(root, 'there is no such directory');
    if (code === 'ENOTDIR') throw projectMissing(root, 'it is not a directory');
    throw projectUnreadable(root, cause);
  }
}

function readFolder(root: string, folder: string): Dirent[] {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true });
  } catch (cause) {
    throw projectUnreadable(folder, cause);
  }
}

/** `./auth.ts` and `auth.ts` are one file, which lies in the project. */
function authFile(root: string, file: string): string {
  const path = relative(root, resolve(root, file)).split(sep).join('/');
  const isInside = !path.startsWith('../') && !isAbsolute(path);
  const found = isInside && statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true;
  if (!found) throw authMissing(file, isInside ? 'there is no such file' : 'it lies outside the project');
  return path;
}

function checkNames(sources: readonly Source[], onEvent: OnGeneratorEvent | undefined): void {
  let previous: Source | undefined;
  const files = new Map<string, string>();
  for (const source of sources) {
    const { kind, name, file } = source;
    const fault = nameFault(name);
    if (fault !== undefined) throw nameInvalid(kind, name, file, fault);
    if (previous?.kind === kind && previous.name === name) {
      const [first, second] = previous.file < file ? [previous.file, file] : [file, previous.file];
      throw nameTaken(`${kind} name`, name, [first, second]);
    }
    const stem = file.replace(/\.[^.]+$/, '').toLowerCase();
    const other = files.get(stem);
    if (other !== undefined) throw nameTakenButForCase(`${kind} name`, name, [other, file]);
    files.set(stem, file);
    const warning = kind === 'tool' ? nameWarning(name) : undefined;
    if (warning !== undefined) onEvent?.({ type: 'warning', message: warning, file });
    previous = source;
  }
}
