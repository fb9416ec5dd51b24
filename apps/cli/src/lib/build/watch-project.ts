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
          yield batch;
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    close: () => watcher.close(),
  };
}
