import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FileFacts, factsOf } from './file-facts.ts';

/** The file system's own clock, which a jump of the system's or another machine's clock does not make lie. */
export interface FileClock {
  /**
   * Whether a write from now on must show in the file's times. Not so within one tick of the clock that stamps files:
   * two writes of the same size then leave the same facts (git calls such an entry racily clean).
   */
  isSettled(facts: FileFacts): boolean;
}

/** Microseconds: the longest tick with which Linux stamps files, and that of FAT, which knows even seconds only. */
const FINE_TICK = 10_000;
const COARSE_TICK = 2_000_000;

/** A clock of the file system that holds `beside`: it is read by writing a file there, once until a file is newer. */
export function openFileClock(beside: string, now: () => number): FileClock {
  let reading = Number.NEGATIVE_INFINITY;
  return {
    isSettled: (facts) => {
      const changed = Math.max(facts.mtime, facts.ctime);
      const tick = facts.ctime % 1_000_000 === 0 ? COARSE_TICK : FINE_TICK;
      if (changed + tick >= reading) reading = Math.min(readClock(beside), now() * 1000);
      return changed + tick < reading;
    },
  };
}

/** Nothing is settled where the clock cannot be read: files are then hashed again, which is slow and right. */
function readClock(beside: string): number {
  const probe = `${beside}.${randomUUID()}.clock`;
  try {
    mkdirSync(dirname(beside), { recursive: true });
    writeFileSync(probe, '', { flag: 'wx' });
    const { mtime } = factsOf(statSync(probe));
    rmSync(probe);
    return mtime;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}
