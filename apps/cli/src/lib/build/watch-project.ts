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

export interface WatchOptions {
  /** Something cannot be watched; said once for each reason. */
  readonly onWarning: (message: string) => void;
}

/** Watches a project's own files, not what is built or installed. Resolves once no change can be missed. */
export async function watchProject(directory: string, { onWarning }: WatchOptions): Promise<ProjectWatch> {
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
  const warned = new Set<string>();
  watcher.on('error', (error) => {
    const message = watchWarning(error);
    if (!warned.has(message)) onWarning(message);
    warned.add(message);
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

/** What a failure to watch means, and what to do about it. */
function watchWarning(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const start = 'Cannot watch the whole project, some edits are not seen';
  if (code === 'ENOSPC')
    return `${start}: the system's limit of watched files is reached. Raise it with "sudo sysctl fs.inotify.max_user_watches=524288"`;
  if (code === 'EMFILE')
    return `${start}: too many files are open. Raise the limits with "ulimit -n 65536" and "sudo sysctl fs.inotify.max_user_instances=1024"`;
  return `${start}: ${error instanceof Error ? error.message : String(error)}`;
}
