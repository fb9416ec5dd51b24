import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { nameInvalid, nameTaken, packageInvalid, projectEmpty, projectMissing, projectUnreadable } from './errors.ts';
import type { OnGeneratorEvent } from './event.ts';
import { nameFault, nameWarning } from './name.ts';
import type { Project, Source, SourceKind } from './project.ts';

export interface DiscoverOptions {
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
export function discoverProject(directory: string, { onEvent }: DiscoverOptions = {}): Project {
  const root = resolve(directory);
  const entries = readRoot(root);
  const directories = ['.'];
  const sources: Source[] = [];
  for (const [folder, kind] of FOLDERS) {
    const entry = entries.find(({ name }) => name === folder);
    if (entry !== undefined && typeOf(root, folder, entry) === 'directory') {
      collect({ root, kind, sources, directories, seen: new Set() }, folder, '');
    }
  }
  if (!sources.some(({ kind }) => kind !== 'connector')) throw projectEmpty(root, sources.length > 0);
  sources.sort((a, b) => (a.kind === b.kind ? (a.name < b.name ? -1 : 1) : a.kind < b.kind ? -1 : 1));
  checkNames(sources, onEvent);
  return { directory: root, ...readPackage(root), sources, directories: directories.sort() };
}

interface Walk {
  readonly root: string;
  readonly kind: SourceKind;
  readonly sources: Source[];
  readonly directories: string[];
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
      if (stem !== undefined && !NOT_SOURCE.test(stem)) {
        walk.sources.push({ kind: walk.kind, name: prefix + stem, file: path });
      }
    }
  }
}

function firstVisit({ root, seen }: Walk, path: string): boolean {
  const real = realpathSync(join(root, path));
  if (seen.has(real) || `${realpathSync(join(root, path, '..'))}/`.startsWith(`${real}/`)) return false;
  seen.add(real);
  return true;
}

function typeOf(root: string, path: string, entry: Dirent): 'file' | 'directory' | 'other' {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  if (!entry.isSymbolicLink()) return 'other';
  const target = statSync(join(root, path), { throwIfNoEntry: false });
  return target?.isFile() ? 'file' : target?.isDirectory() ? 'directory' : 'other';
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

function checkNames(sources: readonly Source[], onEvent: OnGeneratorEvent | undefined): void {
  let previous: Source | undefined;
  for (const source of sources) {
    const { kind, name, file } = source;
    const fault = nameFault(name);
    if (fault !== undefined) throw nameInvalid(kind, name, file, fault);
    if (previous?.kind === kind && previous.name === name) {
      const [first, second] = previous.file < file ? [previous.file, file] : [file, previous.file];
      throw nameTaken(`${kind} name`, name, [first, second]);
    }
    const warning = kind === 'tool' ? nameWarning(name) : undefined;
    if (warning !== undefined) onEvent?.({ type: 'warning', message: warning, file });
    previous = source;
  }
}

function readPackage(root: string): { readonly name: string; readonly version: string } {
  const fallback = { name: basename(root) || 'server', version: '0.0.0' };
  let text: string;
  try {
    text = readFileSync(join(root, 'package.json'), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return fallback;
    throw projectUnreadable('package.json', cause);
  }
  const content = parsePackage(text);
  return { name: textField(content, 'name', fallback.name), version: textField(content, 'version', fallback.version) };
}

function parsePackage(text: string): object {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : '';
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
    throw packageInvalid('it is not JSON', text.slice(0, position).split('\n').length);
  }
  if (typeof content !== 'object' || content === null) throw packageInvalid('expected an object');
  return content;
}

function textField(content: object, field: string, fallback: string): string {
  const value: unknown = Reflect.get(content, field);
  if (value === undefined) return fallback;
  if (typeof value !== 'string' || value === '') throw packageInvalid(`"${field}" must be a text`);
  return value;
}
