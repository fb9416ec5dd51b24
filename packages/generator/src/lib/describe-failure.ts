import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
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
}

/** Says what went wrong with a module, and where in the source: by the mapped stack, or by the field's name. */
export function describeFailure(cause: unknown, { file, module, root }: FailedModule): DescribeFailure {
  if (cause instanceof DefinitionFault) {
    const { code, hint, message, field } = cause;
    return { code, hint, message: `Cannot describe ${file}: ${message}`, line: lineOf(join(root, file), field) };
  }
  if (cause instanceof GeneratorError)
    return { code: cause.code, hint: cause.hint, message: cause.message, line: cause.line };
  const stack = cause instanceof Error ? cause.stack : undefined;
  const place = placeOf(stack, root, module === join(root, file) ? undefined : module);
  const line = place?.file === file ? place.line : undefined;
  const error = cause instanceof ModuleExit ? moduleExited(file, cause.message) : moduleFailed(file, messageOf(cause));
  const elsewhere = place === undefined || place.file === file ? undefined : `${place.file}:${place.line}`;
  return { code: error.code, message: error.message, hint: error.hint, line, stack, source: elsewhere };
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** The first line of a stack that lies in the project's own sources. */
function placeOf(stack: string | undefined, root: string, module: string | undefined): Place | undefined {
  for (const frame of (stack ?? '').split('\n')) {
    const match = /(?<path>(?:file:\/\/)?\/[^()]*?):(?<line>\d+)(?::\d+)?\)?$/.exec(frame);
    if (match === null) continue;
    const path = toPath(match.groups?.path ?? '');
    const inside = relative(root, path);
    if (path === module || inside.startsWith('..') || inside.split(sep).includes('node_modules')) continue;
    return { file: inside.split(sep).join('/'), line: Number(match.groups?.line) };
  }
  return undefined;
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
