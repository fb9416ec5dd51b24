import type { SourceKind } from './project.ts';

/** Every way in which this package refuses its input. Listed with remedies in the README. */
export type GeneratorErrorCode =
  | 'PROJECT_MISSING'
  | 'PROJECT_EMPTY'
  | 'AUTH_MISSING'
  | 'PROJECT_UNREADABLE'
  | 'PACKAGE_INVALID'
  | 'NAME_INVALID'
  | 'NAME_TAKEN'
  | 'MODULE_FAILED'
  | 'MODULE_TIMEOUT'
  | 'MODULE_EXITED'
  | 'DEFINITION_MISSING'
  | 'DEFINITION_INVALID'
  | 'SCHEMA_INVALID'
  | 'DESCRIBER_CLOSED'
  | 'CONNECTOR_MISSING'
  | 'TOOL_MISSING'
  | 'TEMPLATE_UNKNOWN'
  | 'DIRECTORY_NOT_EMPTY'
  | 'SCAFFOLD_FAILED'
  | 'API_INVALID';

/** The facts of a `GeneratorError`: `file` is relative to the project, `line` counts from 1. */
export interface GeneratorErrorFacts {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** Compare `code`, not the class: two installed versions of this package are two classes. */
export class GeneratorError extends Error {
  override readonly name = 'GeneratorError';
  readonly code: GeneratorErrorCode;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly hint: string | undefined;

  constructor(code: GeneratorErrorCode, message: string, facts: GeneratorErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.file = facts.file;
    this.line = facts.line;
    this.hint = facts.hint;
  }
}

export function projectMissing(directory: string, state: string): GeneratorError {
  return new GeneratorError('PROJECT_MISSING', `Cannot read project "${directory}": ${state}`, {
    hint: 'Give the directory that holds tools/, or run mcpgen init to create one.',
  });
}

/** @param passed what lies where sources are looked for and is none, as sentences name it. */
export function projectEmpty(directory: string, connectors: boolean, passed: readonly string[]): GeneratorError {
  const state = connectors ? 'it has connectors and nothing to serve' : 'nothing in it to serve';
  const shown = passed.length > 3 ? [...passed.slice(0, 3), `${passed.length - 3} more`] : passed;
  const seen = shown.length === 0 ? '' : `, passed over ${shown.join(', ')}`;
  return new GeneratorError('PROJECT_EMPTY', `Cannot read project "${directory}": ${state}${seen}`, {
    hint: 'Expected a file such as tools/echo.ts, resources/readme.ts or prompts/review.ts with a default export.',
  });
}

export function authMissing(file: string, state: string): GeneratorError {
  return new GeneratorError('AUTH_MISSING', `Cannot read "${file}", which says who may call: ${state}`, {
    file,
    hint: 'Name a file of the project in "server.auth" of the configuration, with export default defineAuth({ ... }).',
  });
}

export function projectUnreadable(path: string, cause: unknown): GeneratorError {
  return new GeneratorError('PROJECT_UNREADABLE', `Cannot read "${path}": ${messageOf(cause)}`, {
    file: path,
    hint: 'Look at its permissions.',
    cause,
  });
}

export function linkUnreadable(path: string, cause: unknown): GeneratorError {
  return new GeneratorError('PROJECT_UNREADABLE', `Cannot read "${path}": it is a link that leads to itself`, {
    file: path,
    hint: 'Remove the link, or make it lead to a file.',
    cause,
  });
}

export function packageInvalid(state: string, line?: number): GeneratorError {
  return new GeneratorError('PACKAGE_INVALID', `Cannot read "package.json": ${state}`, {
    file: 'package.json',
    line,
    hint: 'Write an object such as { "name": "my-server", "version": "1.0.0", "type": "module" }.',
  });
}

export function nameInvalid(
  kind: SourceKind,
  name: string,
  file: string,
  state: string,
  line?: number,
): GeneratorError {
  return new GeneratorError('NAME_INVALID', `Cannot name the ${kind} of ${file} ${quote(name)}: ${state}`, {
    file,
    line,
    hint: 'Rename the file: use 1 to 128 of A-Z, a-z, 0-9, "_", "-" and ".".',
  });
}

export function nameTaken(what: string, name: string, files: readonly [string, string]): GeneratorError {
  const state = `${files[0]} and ${files[1]} both define it`;
  return new GeneratorError('NAME_TAKEN', `Cannot use ${what} ${quote(name)}: ${state}`, {
    file: files[1],
    hint: `Rename one of the two, or remove it.`,
  });
}

export function nameTakenButForCase(what: string, name: string, files: readonly [string, string]): GeneratorError {
  const state = `${files[0]} and ${files[1]} differ in upper and lower case alone`;
  return new GeneratorError('NAME_TAKEN', `Cannot use ${what} ${quote(name)}: ${state}`, {
    file: files[1],
    hint: 'Rename one of the two: many file systems take them for one file.',
  });
}

export function moduleFailed(file: string, message: string, facts: GeneratorErrorFacts = {}): GeneratorError {
  return new GeneratorError('MODULE_FAILED', `Cannot load ${file}: ${message}`, {
    file,
    hint: 'A build loads every module: move what can fail into the handler, or into the open function of a connector.',
    ...facts,
  });
}

export function moduleTimeout(file: string, milliseconds: number): GeneratorError {
  return new GeneratorError('MODULE_TIMEOUT', `Cannot load ${file}: still loading after ${milliseconds} ms`, {
    file,
    hint: 'Move what waits or computes at the top of the module into its handler, or into the open function of a connector.',
  });
}

export function moduleExited(file: string, state: string): GeneratorError {
  return new GeneratorError('MODULE_EXITED', `Cannot load ${file}: ${state}`, {
    file,
    hint: 'Throw an error instead: a module of a server must not end the process.',
  });
}

export function moduleOutOfMemory(file: string): GeneratorError {
  return new GeneratorError('MODULE_EXITED', `Cannot load ${file}: it ran out of memory`, {
    file,
    hint: 'Move what needs so much at the top of the module into its handler, or into the open function of a connector.',
  });
}

export function definitionMissing(kind: SourceKind, file: string): GeneratorError {
  const define = `define${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  return new GeneratorError('DEFINITION_MISSING', `Cannot describe ${file}: it has no default export`, {
    file,
    hint: `Write export default ${define}({ ... }).`,
  });
}

export function describerClosed(file: string): GeneratorError {
  return new GeneratorError('DESCRIBER_CLOSED', `Cannot describe ${file}: the describer is closed`, { file });
}

export function toolMissing(tool: string, known: readonly string[], meant: string | undefined): GeneratorError {
  const found = known.length === 0 ? 'there are no tools' : `found ${known.map(quote).join(', ')}`;
  return new GeneratorError('TOOL_MISSING', `Cannot warm up tool ${quote(tool)}: no tool has that name: ${found}`, {
    hint: meant === undefined ? 'Correct "server.warmUp" in the configuration.' : `Did you mean ${quote(meant)}?`,
  });
}

export function connectorMissing(
  user: string,
  connector: string,
  file: string | undefined,
  known: readonly string[],
  meant: string | undefined,
): GeneratorError {
  const found = known.length === 0 ? 'there are no connectors' : `found ${known.map(quote).join(', ')}`;
  const state = `connectors/${connector}.ts does not exist: ${found}`;
  return new GeneratorError('CONNECTOR_MISSING', `${user} uses connector ${quote(connector)}, but ${state}`, {
    ...(file !== undefined && { file }),
    hint:
      meant === undefined
        ? `Create connectors/${connector}.ts, or name one that exists.`
        : `Did you mean ${quote(meant)}?`,
  });
}

export function templateUnknown(template: string, known: readonly string[]): GeneratorError {
  const state = `there is no such template: found ${known.map(quote).join(', ')}`;
  return new GeneratorError('TEMPLATE_UNKNOWN', `Cannot use template ${quote(template)}: ${state}`, {
    hint: `Use one of ${known.join(', ')}.`,
  });
}

export function projectNameInvalid(name: string): GeneratorError {
  return new GeneratorError('NAME_INVALID', `Cannot name a project ${quote(name)}: npm does not allow it`, {
    hint: 'Use lower-case letters, digits, "-", "." and "_", with a scope such as "@acme/" before it if you like.',
  });
}

export function directoryNotEmpty(directory: string, entry: string): GeneratorError {
  return new GeneratorError('DIRECTORY_NOT_EMPTY', `Cannot create a project in "${directory}": "${entry}" is in it`, {
    hint: 'Choose a new or an empty directory.',
  });
}

export function scaffoldFailed(directory: string, cause: unknown): GeneratorError {
  const state = messageOf(cause);
  return new GeneratorError('SCAFFOLD_FAILED', `Cannot create a project in "${directory}": ${state}`, {
    hint: 'Look at the permissions and the free space of the directory above it.',
    cause,
  });
}

/** In double quotes, escaped and cut, so that names from outside cannot break a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** @param source where it is kept, as messages name it. */
export function apiInvalid(source: string, state: string): GeneratorError {
  return new GeneratorError('API_INVALID', `Cannot read the API in "${source}": ${state}`, {
    hint: 'Write it again with "mcpgen explain --api --write", at the version that it is to be of.',
  });
}
