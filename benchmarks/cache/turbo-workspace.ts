import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runMeasured } from './run-measured.ts';

/** A workspace of one package whose task does nothing and has a tree as its output: only the cache costs. */
export interface TurboWorkspace {
  /** Runs the task. `input` is what its key is made of. Milliseconds of CPU, the process's start included. */
  run(input: string): { readonly cpu: number; readonly hit: boolean };
  /** Where the output lies. */
  readonly output: string;
}

export function createTurboWorkspace(directory: string, tree: string): TurboWorkspace {
  const member = join(directory, 'packages/a');
  const write = (path: string, value: object): void =>
    writeFileSync(join(directory, path), JSON.stringify(value, null, 2));
  mkdirSync(member, { recursive: true });
  write('package.json', { name: 'root', private: true, packageManager: 'npm@11.0.0', workspaces: ['packages/*'] });
  write('package-lock.json', { name: 'root', lockfileVersion: 3, requires: true, packages: {} });
  write('packages/a/package.json', { name: 'a', version: '1.0.0', scripts: { build: 'true' } });
  write('turbo.json', { tasks: { build: { inputs: ['input.txt'], outputs: ['out/**'] } } });
  const output = join(member, 'out');
  execFileSync('cp', ['-r', tree, output]);
  const binary = turboBinary();
  return {
    output,
    run(input) {
      writeFileSync(join(member, 'input.txt'), input);
      const { cpu, text } = runMeasured([binary, 'run', 'build', '--no-color'], directory);
      return { cpu, hit: /1 cached, 1 total/.test(text) };
    },
  };
}

/** The native binary: what the npm wrapper costs is not the cache's. */
function turboBinary(): string {
  const wrapper = createRequire(new URL('../../package.json', import.meta.url)).resolve('turbo/package.json');
  return createRequire(wrapper).resolve(
    `@turbo/${process.platform}-${process.arch === 'x64' ? '64' : process.arch}/bin/turbo`,
  );
}
