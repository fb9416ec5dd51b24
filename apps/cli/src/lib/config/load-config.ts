import { existsSync, readFileSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configInvalid, configUnreadable, usageError } from '../errors.ts';
import type { Config } from './config.ts';

const NAMES = ['mcpgen.config.ts', 'mcpgen.config.mts', 'mcpgen.config.js', 'mcpgen.config.mjs', 'mcpgen.config.json'];

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute, or undefined where there is none. */
  readonly file: string | undefined;
}

/**
 * Loads the configuration of a project by Node itself (TypeScript by type stripping) and checks it.
 * Throws a `CliError` that names the field.
 */
export async function loadConfig(
  directory: string,
  options: { readonly file: string | undefined; readonly cwd: string },
): Promise<LoadedConfig> {
  const file = findConfig(directory, options);
  if (file === undefined) return { config: {}, file };
  // The schema library is loaded only where there is something to check.
  const { parseConfig } = await import('./config-schema.ts');
  const parsed = parseConfig(await readConfig(file));
  if ('issues' in parsed) throw configInvalid(file, parsed.issues);
  return { config: parsed.config, file };
}

function findConfig(
  directory: string,
  options: { readonly file: string | undefined; readonly cwd: string },
): string | undefined {
  if (options.file === undefined) return NAMES.map((name) => join(directory, name)).find((path) => existsSync(path));
  const file = resolve(options.cwd, options.file);
  if (!existsSync(file)) throw usageError(`Cannot find the configuration "${options.file}"`, 'Check --config');
  return file;
}

async function readConfig(file: string): Promise<unknown> {
  try {
    if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8'));
    return (await importConfig(file)).default;
  } catch (error) {
    throw configUnreadable(file, error);
  }
}

/** Without an installed `mcpgen` the import of `defineConfig` reaches this very package. */
async function importConfig(file: string): Promise<{ readonly default?: unknown }> {
  const own = new URL(import.meta.resolve('mcpgen')).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'mcpgen' ? { url: own, shortCircuit: true } : next(specifier, context),
  });
  const exit = process.exit;
  // A configuration that ends the process would end the command without a word.
  process.exit = (code) => {
    throw new Error(`it calls process.exit(${code ?? ''})`);
  };
  try {
    // The query makes a changed file a new module: `dev` loads it again.
    return await withinDeadline(import(`${pathToFileURL(file).href}?${statSync(file).mtimeMs}`));
  } finally {
    process.exit = exit;
    hooks.deregister();
  }
}

/** Seconds a configuration may take to load. */
const DEADLINE = 10;

/** The timer also keeps the process alive while a promise that nothing will settle is waited for. */
async function withinDeadline<T>(loading: Promise<T>): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error(`it did not load within ${DEADLINE} s`)), DEADLINE * 1000);
  try {
    return await Promise.race([loading, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
