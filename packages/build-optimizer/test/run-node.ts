import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program given as text in `directory`, and gives what it printed; fails where it does. */
export async function runNode(directory: string, code: string, flags: readonly string[] = []): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = [...flags, '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: directory, env });
  return stdout.trimEnd();
}
