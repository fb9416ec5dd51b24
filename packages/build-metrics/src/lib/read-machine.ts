import { readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import type { MachineFacts } from './build-record.ts';

/** What the machine had done by some moment. Times in milliseconds, of all cores together. */
export interface MachineSample {
  readonly class: string;
  readonly cores: number;
  /** Reading of the caller's clock. */
  readonly at: number;
  readonly busy: number;
  /** CPU time of this process, without children that still run. */
  readonly own: number;
  /** Wall time in which something waited for a core. */
  readonly stalled?: number;
}

export interface ReadMachineOptions {
  /** The clock in milliseconds that the build is measured by. */
  readonly now: () => number;
}

/** Reads what is needed at the start and at the end of a build. Costs half a millisecond. */
export function readMachine({ now }: ReadMachineOptions): MachineSample {
  const all = cpus();
  const { user, system } = process.cpuUsage();
  const stalled = readStalled();
  return {
    class: `${platform()} ${arch()}, ${all.length} x ${all[0]?.model.trim() ?? 'unknown'}`,
    cores: Math.max(1, all.length),
    at: now(),
    busy: all.reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0),
    own: (user + system) / 1000,
    ...(stalled !== undefined && { stalled }),
  };
}

/** What the machine was like between two readings. */
export function machineBetween(before: MachineSample, after: MachineSample): MachineFacts {
  const { class: machineClass, cores } = after;
  const time = after.at - before.at;
  if (!(time > 0)) return { class: machineClass, cores };
  const others = (after.busy - before.busy - (after.own - before.own)) / time;
  const stalled =
    before.stalled === undefined || after.stalled === undefined ? undefined : after.stalled - before.stalled;
  return {
    class: machineClass,
    cores,
    others: round(Math.min(cores, Math.max(0, others))),
    ...(stalled !== undefined && { pressure: round(Math.min(1, Math.max(0, stalled / time))) }),
  };
}

/**
 * some avg10=65.55 avg60=59.70 avg300=39.12 total=5132584383
 * https://docs.kernel.org/accounting/psi.html
 */
function readStalled(): number | undefined {
  try {
    const total = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1];
    return total === undefined ? undefined : Number(total) / 1000;
  } catch {
    return undefined;
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
