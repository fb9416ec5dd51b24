import { hash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import type { OnBundleEvent } from './bundle-event.ts';
import { bundlerVersion } from './bundler-version.ts';
import { checkExports } from './check-exports.ts';
import { entryNotFound } from './errors.ts';
import type { Module, ModuleGraph } from './module-graph.ts';
import { type CompilerOptions, readCompilerOptions } from './read-compiler-options.ts';
import { createImportResolver, type ImportResolver } from './resolve-import.ts';
import type { Scan, ScanMemory } from './scan.ts';
import { scanSources } from './scan-sources.ts';
import { sortMap } from './sort-map.ts';

export interface ReadModuleGraphOptions {
  /** Absolute. */
  readonly directory: string;
  /** Files that a server loads by themselves, relative to `directory`, with `/`. */
  readonly entries: readonly string[];
  /** The digest of a file's content. */
  readonly digestFile: (absolute: string) => Digest;
  readonly remember: ScanMemory;
  readonly onEvent?: OnBundleEvent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads who imports whom, from the entries on. A file whose content was scanned before is not parsed again; without any
 * new content no compiler is loaded.
 *
 * @throws {BundleError} ENTRY_NOT_FOUND, SYNTAX_ERROR, IMPORT_NOT_FOUND, EXPORT_NOT_FOUND, IMPORT_UNSUPPORTED,
 * TSCONFIG_INVALID.
 */
export async function readModuleGraph(options: ReadModuleGraphOptions): Promise<ModuleGraph> {
  const directory = realpathSync(options.directory);
  const { compilerOptions, mapPath, files: configFiles } = await readCompilerOptions(directory);
  const resolver = createImportResolver({ directory, mapPath });
  const missing = options.entries.find((entry) => !resolver.has(entry));
  if (missing !== undefined) throw entryNotFound(missing);

  const scanner = createScanner(options, { directory, compilerOptions });
  const scans = new Map<string, Scan>();
  const modules = new Map<string, Module>();
  for (let wave = [...new Set(options.entries)]; wave.length > 0; ) {
    options.signal?.throwIfAborted();
    const found = await scanner.scan(wave);
    for (const [file, { digest, scan }] of found) {
      scans.set(file, scan);
      modules.set(file, toModule(file, digest, scan, resolver));
    }
    wave = unseenTargets(wave, modules);
  }
  checkExports(modules, scans);
  for (const [file, { warnings }] of scans) {
    for (const warning of warnings) options.onEvent?.({ type: 'warning', file, ...warning });
  }
  return {
    directory,
    modules: sortMap(modules),
    compilerOptions,
    configFiles: [join(directory, 'package.json'), ...configFiles],
    folders: resolver.folders(),
  };
}

function toModule(file: string, digest: Digest, scan: Scan, resolver: ImportResolver): Module {
  const imports = scan.imports.map((found) => {
    const { line, column } = found;
    return { ...found, target: resolver.resolve(found.specifier, { file, line, column }) };
  });
  return { file, digest, imports, exports: scan.exports, stars: scan.stars };
}

function unseenTargets(wave: readonly string[], modules: ReadonlyMap<string, Module>): string[] {
  const unseen = new Set<string>();
  for (const file of wave) {
    for (const { target } of modules.get(file)?.imports ?? []) {
      if (target.kind === 'file' && !modules.has(target.file)) unseen.add(target.file);
    }
  }
  return [...unseen];
}

interface Scanned {
  readonly digest: Digest;
  readonly scan: Scan;
}

const EMPTY_SCAN: Scan = { imports: [], exports: 'unknown', stars: [], warnings: [] };

function createScanner(
  { digestFile, remember, onEvent }: ReadModuleGraphOptions,
  settings: { readonly directory: string; readonly compilerOptions: CompilerOptions },
) {
  const salt = JSON.stringify([bundlerVersion(), settings.compilerOptions]);
  const keyOf = (digest: Digest): Digest => `sha256:${hash('sha256', digest + salt)}`;
  const digestOf = (file: string) => digestFile(join(settings.directory, file));

  /** Scans from memory, and the files that it holds nothing about. */
  function recall(files: readonly string[]) {
    const known = new Map<string, Scanned>();
    const stale = new Map<string, Digest>();
    for (const file of files) {
      const digest = digestOf(file);
      const scan = file.endsWith('.json') ? EMPTY_SCAN : remember.get(keyOf(digest), file);
      if (scan === undefined) stale.set(file, digest);
      else known.set(file, { digest, scan });
    }
    return { known, stale };
  }

  async function scan(files: readonly string[]): Promise<Map<string, Scanned>> {
    const { known, stale } = recall(files);
    if (stale.size === 0) return known;
    const scans = await scanSources([...stale.keys()], settings);
    onEvent?.({ type: 'scanned', files: [...stale.keys()] });
    for (const [file, before] of stale) {
      const found = scans.get(file) ?? EMPTY_SCAN;
      // The compiler read the file after its digest was taken: what was edited in between must not be remembered.
      if (digestOf(file) === before) remember.set(keyOf(before), file, found);
      known.set(file, { digest: before, scan: found });
    }
    return known;
  }

  return { scan };
}
