import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';

export const BIN: string = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));
const NODE_FLAGS = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'];

/** What a command did, as a shell sees it. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The `--json` envelope. */
  json(): Readonly<Record<string, unknown>> & {
    readonly status: string;
    readonly code: string;
    readonly message: string;
    readonly fix: string | null;
  };
}

/** A project in a directory of its own, and the real command run on it. */
export interface CliRig extends AsyncDisposable {
  readonly directory: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  read(path: string): string;
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Starts a command without waiting for its end. */
  start(args: readonly string[], options?: RunOptions): ChildProcess;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The smallest project: one tool. */
export const ECHO = `import { defineTool } from '@mcpgen/server';
import { z } from 'zod';

export default defineTool({
  description: 'Says it again',
  input: z.object({ text: z.string() }),
  handler: ({ text }) => text,
});
`;

export async function cliRig(
  files: Readonly<Record<string, string>> = { 'tools/echo.ts': ECHO },
  { modules = 'linked' }: { readonly modules?: 'linked' | 'own' } = {},
): Promise<CliRig> {
  const temporary = await temporaryDirectory();
  const directory = join(temporary.path, 'project');
  mkdirSync(directory);
  if (modules === 'linked') symlinkSync(MODULES, join(directory, 'node_modules'));
  await writeTree(directory, { 'package.json': '{"name":"demo","version":"1.2.3","type":"module"}', ...files });
  const start = (args: readonly string[], { env = {}, cwd = directory }: RunOptions = {}): ChildProcess =>
    spawn(process.execPath, [...NODE_FLAGS, BIN, ...args], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return {
    directory,
    write: (more) => writeTree(directory, more),
    read: (path) => readFileSync(join(directory, path), 'utf8'),
    start,
    run: async (args, options) => finished(start(args, options)),
    [Symbol.asyncDispose]: temporary.remove,
  };
}

async function finished(child: ChildProcess): Promise<Ran> {
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
      output[stream] += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, ...output, json: () => JSON.parse(output.stdout) };
}

export const REPOSITORY = dirname(dirname(dirname(MODULES)));
