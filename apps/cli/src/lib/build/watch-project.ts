import { statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { watch } from 'chokidar';

/** The files of a project as they change. */
export interface ProjectWatch {
  /** Paths relative to the project that changed since the last batch; ends when `signal` aborts. */
  changes(signal: AbortSignal): AsyncGenerator<readonly string[]>;
  close(): Promise<void>;
}

const IGNORED = new Set(['node_modules', 'dist', '.cache', '.git', '.turbo']);

/** Milliseconds in which further changes join a batch: editors write a file in several steps. */
const SETTLE = 10;

/** Milliseconds in which chokidar tells of one change of a file only, and a little more. */
const SILENCE = 60;

/** Watches a project's own files, not what is built or installed. Resolves once no change can be missed. */
export async function watchProject(directory: string): Promise<ProjectWatch> {
  const ignored = (path: string): boolean =>
    relative(directory, path)
      .split(sep)
      .some((part) => IGNORED.has(part));
  const watcher = watch(directory, { ignored, ignoreInitial: true, followSymlinks: true });
  const pending = new Set<string>();
  let wake = (): void => undefined;
  const woken = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  watcher.on('all', (_event, path) => {
    pending.add(relative(directory, join(path)).split(sep).join('/'));
    wake();
  });
  /** A file that is written again before chokidar speaks of it again would be missed. */
  const lookAgain = (paths: readonly string[]): void => {
    const before = paths.map((path) => writtenAt(join(directory, path)));
    setTimeout(() => {
      const again = paths.filter((path, index) => writtenAt(join(directory, path)) !== before[index]);
      for (const path of again) pending.add(path);
      if (again.length > 0) wake();
    }, SILENCE);
  };
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return {
    async *changes(signal) {
      const stop = (): void => wake();
      signal.addEventListener('abort', stop);
      try {
        for (;;) {
          while (pending.size === 0 && !signal.aborted) await woken();
          if (signal.aborted) return;
          await new Promise((resolve) => setTimeout(resolve, SETTLE));
          const batch = [...pending].sort();
          pending.clear();
          lookAgain(batch);
          yield batch;
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    close: () => watcher.close(),
  };
}

function writtenAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
