import { SourceMap } from 'node:module';
import { join } from 'node:path';
import type { DynamicImport, Export, Import } from 'es-module-lexer';
import type { BuildResult, Message } from 'esbuild';
import { bundleFailed, importUnsupported, syntaxError } from './errors.ts';
import { importedNames } from './imported-names.ts';
import { type Esbuild, loadEsbuild, loadModuleLexer, type ModuleLexer } from './load-libraries.ts';
import type { CompilerOptions } from './read-compiler-options.ts';
import type { Scan, ScannedImport, ScanWarning } from './scan.ts';

/**
 * Reads what files import and export, after the compiler has dropped the imports that only types need.
 *
 * @param files relative to `directory`.
 * @throws {BundleError} SYNTAX_ERROR, IMPORT_UNSUPPORTED.
 */
export async function scanSources(
  files: readonly string[],
  { directory, compilerOptions }: { readonly directory: string; readonly compilerOptions: CompilerOptions },
): Promise<Map<string, Scan>> {
  if (files.length === 0) return new Map();
  const [esbuild, lexer] = await Promise.all([loadEsbuild(), loadModuleLexer()]);
  const outputs = await compile(esbuild, files, { directory, compilerOptions });
  const scans = new Map<string, Scan>();
  for (const [index, file] of files.entries()) {
    const compiled = { file, code: outputs.get(`${index}.js`) ?? '', map: outputs.get(`${index}.js.map`) ?? '' };
    scans.set(file, await scanCompiled(compiled, { esbuild, lexer, directory }));
  }
  return scans;
}

interface Compiled {
  readonly file: string;
  readonly code: string;
  readonly map: string;
}

interface Tools {
  readonly esbuild: Esbuild;
  readonly lexer: ModuleLexer;
  readonly directory: string;
}

/** Compiles each file by itself; gives the text of `<index>.js` and `<index>.js.map`. */
async function compile(
  esbuild: Esbuild,
  files: readonly string[],
  { directory, compilerOptions }: { readonly directory: string; readonly compilerOptions: CompilerOptions },
): Promise<Map<string, string>> {
  try {
    const result = await esbuild.build({
      absWorkingDir: directory,
      entryPoints: files.map((file, index) => ({ in: join(directory, file), out: String(index) })),
      bundle: false,
      write: false,
      outdir: directory,
      format: 'esm',
      target: 'esnext',
      sourcemap: 'external',
      sourcesContent: false,
      legalComments: 'none',
      tsconfigRaw: JSON.stringify({ compilerOptions }),
      logLevel: 'silent',
    });
    return outputTexts(result, directory);
  } catch (cause) {
    throw scanFailure(cause);
  }
}

function outputTexts(result: BuildResult<{ write: false }>, directory: string): Map<string, string> {
  return new Map(result.outputFiles.map((file) => [file.path.slice(directory.length + 1), file.text]));
}

function scanFailure(cause: unknown): unknown {
  const message = esbuildErrors(cause)[0];
  if (message === undefined) return cause;
  if (message.location === null) return bundleFailed('project', message.text, undefined, cause);
  const { file, line, column } = message.location;
  return syntaxError({ file, line, column: column + 1 }, message.text);
}

/** The messages of a failed esbuild run; none for any other error. */
export function esbuildErrors(cause: unknown): readonly Message[] {
  if (!(cause instanceof Error) || !('errors' in cause) || !Array.isArray(cause.errors)) return [];
  return cause.errors;
}

async function scanCompiled(compiled: Compiled, tools: Tools): Promise<Scan> {
  const [imports, exports, , isModule] = tools.lexer.parse(compiled.code, compiled.file);
  const locate = locator(compiled);
  const requires = /\brequire\b/.test(compiled.code) ? await requiredModules(compiled, tools) : [];
  return {
    imports: [...imports.flatMap((found) => scannedImport(found, compiled, locate)), ...requires],
    exports: isModule
      ? [...new Set(exports.flatMap((found) => (isStar(found) ? [] : [found.name])))].sort()
      : 'unknown',
    stars: exports.flatMap((found) => (isStar(found) ? [found.from] : [])).sort(),
    warnings: imports.flatMap((found) => importWarnings(found, compiled, locate)),
  };
}

function isStar(found: Export): found is Extract<Export, { type: 'reexport-all' }> {
  return found.type === 'reexport-all';
}

type Locate = (offset: number) => { readonly line: number; readonly column: number };

function scannedImport(found: Import, { file, code }: Compiled, locate: Locate): ScannedImport[] {
  if (found.type === 'import-meta') return [];
  if (found.type === 'dynamic') return dynamicImport(found, { file, code }, locate);
  const { specifier } = found;
  const names = importedNames(code.slice(found.importStart, found.start - 1));
  return [{ specifier, kind: 'static', names, ...locate(found.start - 1) }];
}

function dynamicImport(
  { end, glob, specifier, start }: DynamicImport,
  { code, file }: Omit<Compiled, 'map'>,
  locate: Locate,
): ScannedImport[] {
  const at = locate(start);
  if (specifier !== undefined && !glob) return [{ specifier, kind: 'dynamic', names: 'all', ...at }];
  const expression = code.slice(start, end);
  if (!/^["'`]\.{1,2}\//.test(expression)) return [];
  throw importUnsupported(expression, { file, ...at }, 'which files it means is not known before it runs', GLOB_HINT);
}

const GLOB_HINT = 'Write one `import("./name.ts")` for each file, for example as the values of an object.';

function importWarnings(found: Import, { code }: Compiled, locate: Locate): ScanWarning[] {
  if (found.type === 'dynamic' && (found.specifier === undefined || found.glob)) {
    const message = 'A computed import() is not followed: what it names must be there when the server runs';
    return [{ message, ...locate(found.start) }];
  }
  if (found.type === 'import-meta' && /^\.(dirname|filename)\b/.test(code.slice(found.end, found.end + 10))) {
    const message = 'Files found by import.meta.dirname are not part of the build';
    return [{ message, ...locate(found.start) }];
  }
  const before = code.slice(Math.max(0, found.start - 300), found.start);
  if (found.type === 'import-meta' && /\bnew URL\(\s*["'`]\.{1,2}\/[^()]*,\s*$/.test(before)) {
    const message = 'A file named by new URL(…, import.meta.url) is not part of the build';
    return [{ message, ...locate(found.start) }];
  }
  return [];
}

/** The modules that a file takes by require(), which only a parser can tell from a text that looks like it. */
async function requiredModules({ file, code }: Compiled, { esbuild, directory }: Tools): Promise<ScannedImport[]> {
  const found = new Set<string>();
  await esbuild.build({
    stdin: { contents: code, sourcefile: file, loader: 'js', resolveDir: directory },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    treeShaking: false,
    tsconfigRaw: '{}',
    plugins: [
      {
        name: 'mcpgen-requires',
        setup(build) {
          build.onResolve({ filter: /.*/ }, ({ kind, path }) => {
            if (kind === 'require-call') found.add(path);
            return kind === 'entry-point' ? undefined : { path, external: true };
          });
        },
      },
    ],
  });
  return [...found].sort().map((specifier) => {
    const { line, column } = positionOf(code, code.indexOf(JSON.stringify(specifier)));
    return { specifier, kind: 'require', names: 'all', line, column };
  });
}

/** Maps an offset in the compiled code to a position in the author's file. */
function locator({ code, map }: Compiled): Locate {
  let parsed: SourceMap | undefined;
  return (offset) => {
    const { line, column } = positionOf(code, offset);
    parsed ??= new SourceMap(JSON.parse(map));
    const entry = parsed.findEntry(line - 1, column - 1);
    return 'originalLine' in entry
      ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
      : { line, column };
  };
}

/** Line and column, from 1. */
function positionOf(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
    line += 1;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}
