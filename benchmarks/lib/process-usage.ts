import { readdirSync, readFileSync } from 'node:fs';

/**
 * Microseconds that a process has spent on the CPU so far, user and system, all its threads. Read from the scheduler's
 * own account (Linux, nanoseconds), since the counters of `getrusage` and `stat` step by 10 ms.
 */
export function readCpu(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [onCpu = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    nanoseconds += Number(onCpu);
  }
  return nanoseconds / 1000;
}

/** Megabytes of memory that a process has resident now. */
export function readMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`Cannot read the memory of process ${pid}: no VmRSS in its status`);
  return Number(kilobytes) / 1024;
}
