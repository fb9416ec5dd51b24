import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assetDirectory } from './asset-directory.ts';
import { directoryNotEmpty, GeneratorError, projectNameInvalid, scaffoldFailed, templateUnknown } from './errors.ts';

export interface ScaffoldOptions {
  /** One of `listTemplates()`. */
  readonly template: string;
  /** Created when it is missing. */
  readonly directory: string;
  /** Name of the npm package, and so of the server. */
  readonly name: string;
}

export interface ScaffoldResult {
  /** What was written, relative to the directory, sorted. */
  readonly files: readonly string[];
}

export interface Template {
  readonly name: string;
  /** The first sentence of its README. */
  readonly description: string;
}

/** May lie in the directory already. Of these, the ones that a template has too are left as they are. */
const HARMLESS: ReadonlySet<string> = new Set(
  '.git .gitignore .gitattributes .github .editorconfig .idea .vscode .DS_Store .npmrc LICENSE LICENSE.md README.md'.split(
    ' ',
  ),
);
const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** The templates that come with this package, sorted by name. */
export function listTemplates(): readonly Template[] {
  const root = fileURLToPath(assetDirectory('templates'));
  return readdirSync(root)
    .sort()
    .map((name) => {
      const readme = readFileSync(join(root, name, 'README.md'), 'utf8');
      return { name, description: readme.split('\n\n')[1] ?? '' };
    });
}

/**
 * Creates a project from a template. Everything is written beside the directory first and then moved into it: a
 * failure leaves nothing.
 *
 * @throws GeneratorError when the template is unknown, the name is none, or the directory holds a project already.
 */
export function scaffold({ template, directory, name }: ScaffoldOptions): ScaffoldResult {
  const target = resolve(directory);
  const known = listTemplates().map((entry) => entry.name);
  if (!known.includes(template)) throw templateUnknown(template, known);
  if (!PACKAGE_NAME.test(name) || name.length > 214) throw projectNameInvalid(name);
  checkEmpty(target);
  let stage: string | undefined;
  try {
    mkdirSync(dirname(target), { recursive: true });
    stage = mkdtempSync(join(dirname(target), '.mcpgen-'));
    fill(stage, template, name);
    const files = move(stage, target);
    return { files: files.sort() };
  } catch (cause) {
    throw cause instanceof GeneratorError ? cause : scaffoldFailed(target, cause);
  } finally {
    if (stage !== undefined) rmSync(stage, { recursive: true, force: true });
  }
}

function checkEmpty(target: string): void {
  let entries: readonly string[];
  try {
    entries = existsSync(target) ? readdirSync(target) : [];
  } catch (cause) {
    throw scaffoldFailed(target, cause);
  }
  const obstacle = entries.find((entry) => !HARMLESS.has(entry));
  if (obstacle !== undefined) throw directoryNotEmpty(target, obstacle);
}

function fill(stage: string, template: string, name: string): void {
  const source = fileURLToPath(new URL(`${template}/`, assetDirectory('templates')));
  cpSync(source, stage, {
    recursive: true,
    filter: (path) => !/(?:^|[\\/])(?:node_modules|dist|\.cache)$/.test(path.slice(source.length)),
  });
  // npm leaves .gitignore out of packages.
  renameSync(join(stage, '_gitignore'), join(stage, '.gitignore'));
  edit(join(stage, 'package.json'), (text) => packageText(text, name));
  edit(join(stage, 'README.md'), (text) => text.replace(/^# .*/, () => `# ${name}`));
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** With the project's name, and our own packages in the version that this one has. */
function packageText(text: string, name: string): string {
  const version = ownVersion();
  return text
    .replace(/"name": "[^"]*"/, () => `"name": ${JSON.stringify(name)}`)
    .replace(/"(@mcpgen\/[\w-]+|mcpgen)": "[^"]*"/g, (_line, dependency) => `"${dependency}": "^${version}"`);
}

function ownVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL('../package.json', assetDirectory('templates')), 'utf8'));
  const version: unknown =
    typeof content === 'object' && content !== null ? Reflect.get(content, 'version') : undefined;
  return typeof version === 'string' ? version : '0.0.0';
}

/** Moves what was staged; takes it back when one of the moves fails. */
function move(stage: string, target: string): string[] {
  const created = mkdirSync(target, { recursive: true });
  const present = readdirSync(target);
  const entries = readdirSync(stage).filter((entry) => !present.includes(entry));
  const files = entries.flatMap((entry) => filesOf(stage, entry));
  const moved: string[] = [];
  try {
    for (const entry of entries) {
      renameSync(join(stage, entry), join(target, entry));
      moved.push(entry);
    }
    return files;
  } catch (cause) {
    for (const entry of moved) rmSync(join(target, entry), { recursive: true, force: true });
    if (created !== undefined) rmSync(created, { recursive: true, force: true });
    throw cause;
  }
}

function filesOf(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((entry) => filesOf(root, `${path}/${entry}`));
}
