import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve as resolvePath } from 'node:path';
import type { Step } from '@mcpgen/build-optimizer';
import { compilerMissing, typeCheckFailed } from '../../errors.ts';
import type { BuildRequest } from '../build-request.ts';

/** The author's own compiler, and where it may keep what it learned. */
interface TypeCheck {
  readonly directory: string;
  /** Absolute path of the compiler's command file. */
  readonly compiler: string;
  readonly version: string;
  /** Absolute: the compiler's own record of the last check. */
  readonly buildInfo: string;
}

/** The step that checks the types, where that is wanted and the project has a compiler. */
export function planTypecheck({ settings, paths, typecheck: wanted, onEvent }: BuildRequest): readonly Step[] {
  const { directory, profile } = settings;
  if (profile.typecheck === 'off') return [];
  const found = findCompiler(directory);
  if (found !== undefined)
    return [typecheckStep({ directory, ...found, buildInfo: join(paths.work, 'types.tsbuildinfo') })];
  if (wanted === 'asked-for') throw compilerMissing(directory);
  if (existsSync(join(directory, 'tsconfig.json'))) {
    onEvent({ type: 'warning', message: 'The types are not checked: TypeScript is not installed in this project' });
  }
  return [];
}

/** Finds the TypeScript that the project installed; undefined where it has none or no tsconfig.json. */
function findCompiler(directory: string): { readonly compiler: string; readonly version: string } | undefined {
  if (!existsSync(join(directory, 'tsconfig.json'))) return undefined;
  const require = createRequire(join(directory, 'package.json'));
  try {
    const manifest = require.resolve('typescript/package.json');
    const { version } = require(manifest) as { readonly version: string };
    const compiler = join(dirname(manifest), 'bin', 'tsc');
    return existsSync(compiler) ? { compiler, version } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks the types beside the rest of the build: nothing waits for it but the end. What the compiler reads is known only
 * by running it (declarations of packages, global types, references), so no key could say that nothing changed: the
 * compiler does, by its own incremental record. The value is the list of files that it read, absolute.
 */
function typecheckStep(check: TypeCheck): Step {
  return {
    name: 'typecheck',
    version: 2,
    needs: [],
    cache: 'off',
    inputs: { options: { typescript: check.version } },
    directory: check.directory,
    run: async ({ signal }) => {
      await runCompiler(check, signal);
      return { files: [], value: readFileNames(check.buildInfo) };
    },
  };
}

function runCompiler({ compiler, directory, buildInfo }: TypeCheck, signal: AbortSignal): Promise<void> {
  const project = join(directory, 'tsconfig.json');
  const incremental = ['--incremental', '--tsBuildInfoFile', buildInfo];
  const args = [compiler, '--noEmit', '--pretty', 'false', '--project', project, ...incremental, ...ownConditions()];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: directory, signal, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      if (error === null) resolve();
      else if (signal.aborted || typeof error.code !== 'number') reject(error);
      else reject(typeErrors(stdout));
    });
  });
}

/** Where this command runs from its sources, a project beside them finds the sources of packages that are not built. */
function ownConditions(): readonly string[] {
  return process.execArgv.includes('--conditions=@mcpgen/source') ? ['--customConditions', '@mcpgen/source'] : [];
}

/** The files of the program, but those that come with the compiler; none where the record cannot be read. */
function readFileNames(buildInfo: string): readonly string[] {
  try {
    const { fileNames = [] } = JSON.parse(readFileSync(buildInfo, 'utf8')) as {
      readonly fileNames?: readonly string[];
    };
    const folder = dirname(buildInfo);
    return fileNames
      .map((name) => resolvePath(folder, name))
      .filter((path) => !/[\\/]typescript[\\/]lib[\\/]lib\./.test(path));
  } catch {
    return [];
  }
}

/** At most twenty lines: the first errors are the ones to mend. */
function typeErrors(output: string): Error {
  const lines = output.trimEnd().split('\n');
  const count = lines.filter((line) => /error TS\d+/.test(line)).length;
  const shown = lines.slice(0, 20).map((line) => `  ${line}`);
  if (lines.length > shown.length) shown.push(`  and ${lines.length - shown.length} more lines`);
  return typeCheckFailed(shown.join('\n'), count);
}
