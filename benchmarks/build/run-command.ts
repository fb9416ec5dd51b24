import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What one process cost from its start to its end, in milliseconds. */
export interface CommandUsage {
  readonly wall: number;
  /** Of the process and of all it started and waited for. */
  readonly cpu: number;
}

/** Runs Node with these arguments to its end. Rejects, with what it printed, where it fails. */
export async function runCommand(argv: readonly string[], directory: string): Promise<CommandUsage> {
  const cpu = readChildrenCpu();
  const began = performance.now();
  const child = spawn(process.execPath, [...argv], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const [code] = await once(child, 'exit');
  const wall = performance.now() - began;
  if (code !== 0) throw new Error(`Cannot run "node ${argv.join(' ')}": it ended with ${code}: ${complaint}`);
  return { wall, cpu: readChildrenCpu() - cpu };
}

/** The kernel's sum over processes that have ended; it steps by 10 ms, which is little beside a build. */
function readChildrenCpu(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // After the name in parentheses, which may hold anything: state is the first field, cutime and cstime the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
