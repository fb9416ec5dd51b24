import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Digest } from '@mcpgen/build-cache';
import type { Step } from '@mcpgen/build-optimizer';
import { typeCheckFailed } from '../errors.ts';

/** The author's own compiler, and what it reads. */
export interface TypeCheck {
  readonly directory: string;
  /** Absolute path of the compiler's command file. */
  readonly compiler: string;
  readonly version: string;
  readonly files: Readonly<Record<string, Digest>>;
}

/** Finds the TypeScript that the project installed; undefined where it has none or no tsconfig.json. */
export function findCompiler(directory: string): { readonly compiler: string; readonly version: string } | undefined {
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

/** Checks the types beside the rest of the build: nothing waits for it but the end. */
export function typecheckStep({ directory, compiler, version, files }: TypeCheck): Step {
  return {
    name: 'typecheck',
    version: 1,
    needs: [],
    inputs: { files, options: { typescript: version } },
    directory,
    run: async ({ signal }) => {
      await runCompiler(compiler, directory, signal);
      return { files: [] };
    },
  };
}

function runCompiler(compiler: string, directory: string, signal: AbortSignal): Promise<void> {
  const args = [compiler, '--noEmit', '--pretty', 'false', '--project', join(directory, 'tsconfig.json')];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: directory, signal, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      if (error === null) resolve();
      else if (signal.aborted || typeof error.code !== 'number') reject(error);
      else reject(typeErrors(stdout));
    });
  });
}

/** At most twenty lines: the first errors are the ones to mend. */
function typeErrors(output: string): Error {
  const lines = output.trimEnd().split('\n');
  const count = lines.filter((line) => /error TS\d+/.test(line)).length;
  const shown = lines.slice(0, 20).map((line) => `  ${line}`);
  if (lines.length > shown.length) shown.push(`  and ${lines.length - shown.length} more lines`);
  return typeCheckFailed(shown.join('\n'), count);
}
