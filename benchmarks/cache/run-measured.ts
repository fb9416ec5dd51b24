import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Runs a program to its end. Milliseconds of CPU of it and all it waited for, in steps of 10 as the kernel keeps them. */
export function runMeasured(
  [program = '', ...args]: readonly string[],
  directory: string,
): { readonly cpu: number; readonly text: string } {
  const before = readChildrenCpu();
  const env = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
    NX_DAEMON: 'false',
  };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: directory, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot run "${program} ${args.join(' ')}": it ended with ${status}: ${stderr}`);
  return { cpu: readChildrenCpu() - before, text: stdout };
}

function readChildrenCpu(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // After the name in parentheses, which may hold anything: cutime and cstime are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
