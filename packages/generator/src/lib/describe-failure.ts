import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefinitionFault } from './definition-fault.ts';
import type { DescribeFailure } from './describe-messages.ts';
import { GeneratorError, messageOf, moduleExited, moduleFailed } from './errors.ts';

/** Thrown in place of ending the process, when a module calls `process.exit`. */
export class ModuleExit extends Error {
  override readonly name = 'ModuleExit';
  constructor(code: unknown) {
    super(`it calls process.exit(${String(code)}) when loaded`);
  }
}

export interface FailedModule {
  readonly file: string;
  readonly module: string;
  readonly root: string;
  readonly server?: string | undefined;
  /** What modules looked for in the environment and did not find. */
  readonly missed?: readonly string[];
}

/** Says what went wrong with a module, and where in the source: by the mapped stack, or by the field's name. */
export function describeFailure(cause: unknown, failed: FailedModule): DescribeFailure {
  const { file, root } = failed;
  if (cause instanceof DefinitionFault) {
    const { code, hint, message, field } = cause;
    return { code, hint, message: `Cannot describe ${file}: ${message}`, line: lineOf(join(root, file), field) };
  }
  if (cause instanceof GeneratorError)
    return { code: cause.code, hint: cause.hint, message: cause.message, line: cause.line };
  const stack = cause instanceof Error ? cause.stack : undefined;
  const places = placesOf(stack, failed);
  const thrown = places[0];
  const where = thrown === undefined || thrown.file === file ? '' : ` (${thrown.file}:${thrown.line})`;
  const state = `${stateOf(cause)}${where}`;
  const { code, message, hint } =
    cause instanceof ModuleExit ? moduleExited(file, state) : moduleFailed(file, state, missedHint(failed));
  return { code, message, hint, line: places.find((place) => place.file === file)?.line, stack };
}

/** What Node and libraries ask for everywhere, and can do without. */
const COMMON = /^(?:NO_COLOR|FORCE_COLOR|COLORTERM|TERM|CI|DEBUG|NODE_.*|WATCH_.*|npm_.*|HOME|USER|PATH|LANG)$/;

function missedHint({ missed = [] }: FailedModule): { readonly hint?: string } {
  const names = missed.filter((name) => !COMMON.test(name)).slice(0, 3);
  if (names.length === 0) return {};
  return {
    hint: `It looked for ${names.join(', ')} in the environment: name what a module reads when it is loaded in "build.env" of the configuration, or read it in the handler.`,
  };
}

function stateOf(cause: unknown): string {
  return cause instanceof Error && cause.message === '' ? cause.name : messageOf(cause);
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** The lines of a stack that lie in the project's own sources. */
function placesOf(stack: string | undefined, failed: FailedModule): readonly Place[] {
  return (stack ?? '').split('\n').flatMap((frame) => {
    const match = /(?<path>(?:file:\/\/)?\/[^()]*?):(?<line>\d+)(?::\d+)?\)?$/.exec(frame);
    if (match === null) return [];
    const file = sourceOf(toPath(match.groups?.path ?? ''), failed);
    return file === undefined ? [] : [{ file, line: Number(match.groups?.line) }];
  });
}

/** The source that a path of a stack means, relative to the project; undefined for what was built or installed. */
function sourceOf(path: string, { file, module, root, server }: FailedModule): string | undefined {
  if (module !== join(root, file) && path === module) return undefined;
  if (server !== undefined && below(server, path) !== undefined) return undefined;
  const bases = server === undefined ? [root] : [join(server, '..', '..'), root];
  return bases
    .map((base) => below(base, path))
    .find(
      (source) => source !== undefined && !source.split('/').includes('node_modules') && existsSync(join(root, source)),
    );
}

function below(directory: string, path: string): string | undefined {
  const parts = relative(directory, path).split(sep);
  return parts[0] === '..' || isAbsolute(parts.join(sep)) ? undefined : parts.join('/');
}

function toPath(place: string): string {
  try {
    return place.startsWith('file:') ? fileURLToPath(place) : place;
  } catch {
    return place;
  }
}

/** Where a source names a field, or else where its default export begins. */
function lineOf(path: string, field: string | undefined): number | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^\s*export\s+default\b/.test(line));
  const name = field?.replace(/[^\w$]/g, '\\$&');
  const at =
    name === undefined
      ? -1
      : lines.findIndex(
          (line, index) => index >= start && new RegExp(`(?:^|[\\s{,'"])${name}['"]?\\s*[:,(]`).test(line),
        );
  return at >= 0 ? at + 1 : start >= 0 ? start + 1 : undefined;
}
