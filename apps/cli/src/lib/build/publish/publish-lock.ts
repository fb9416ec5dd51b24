import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Publishing takes milliseconds; a holder of this long has gone and left its number to somebody else. */
const ATTEMPTS = 1000;
const PAUSE = 5;

/**
 * Runs `work` while no other build of the project does the same. The lock is a file with the number of the process that
 * holds it; where it cannot be had, `work` runs without: two builds at once are rarer than a disk that takes no lock.
 */
export function withPublishLock<T>(file: string, work: () => T): T {
  const held = acquire(file);
  try {
    return work();
  } finally {
    if (held) rmSync(file, { force: true });
  }
}

function acquire(file: string): boolean {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  try {
    mkdirSync(dirname(file), { recursive: true });
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (create(file)) return true;
      if (holderIsGone(file)) rmSync(file, { force: true });
      else Atomics.wait(sleeper, 0, 0, PAUSE);
    }
  } catch {
    // The disk takes no lock.
  }
  return false;
}

/** False where another process holds it. Throws what else the file system throws. */
function create(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderIsGone(file: string): boolean {
  try {
    const holder = Number(readFileSync(file, 'latin1'));
    // Empty for a moment, before the holder has written its number.
    if (holder > 0) process.kill(holder, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
