import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from '../is-running.ts';

/** Where artifacts lie while they come and go. */
export interface UploadDirectory {
  /** Gives `use` a new directory, which is gone afterwards. */
  use<T>(action: (directory: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Makes a directory of this process below `root`, and removes those of processes that were killed. */
export function openUploadDirectory(root: string): UploadDirectory {
  const own = join(root, `${process.pid}-${randomUUID()}`);
  mkdirSync(own, { recursive: true });
  for (const name of readdirSync(root)) {
    const pid = /^(?<pid>\d+)-/.exec(name)?.groups?.pid;
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(root, name), { recursive: true, force: true });
  }
  return {
    async use(action) {
      const directory = join(own, randomUUID());
      await mkdir(directory, { recursive: true });
      try {
        return await action(directory);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    close: () => rm(own, { recursive: true, force: true }),
  };
}
