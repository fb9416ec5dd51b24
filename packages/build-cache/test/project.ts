import { existsSync } from 'node:fs';
import { chmod, lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CacheEntry,
  type CacheEvent,
  digestOf,
  type LocalCache,
  type LocalCacheOptions,
  openLocalCache,
} from '@mcpgen/build-cache';
import {
  type EventRecorder,
  eventRecorder,
  type TemporaryDirectory,
  temporaryDirectory,
  writeTree,
} from '@mcpgen/testing';

// Thousands of small files are written here: in memory where there is such a place, a tenth of the time.
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm';

/** A directory with a store, a place where steps write and one where entries are restored. */
export interface Project extends AsyncDisposable {
  readonly store: string;
  readonly out: string;
  readonly back: string;
  readonly events: EventRecorder<CacheEvent>;
  /** Opens the store as another process would. */
  open(options?: Partial<LocalCacheOptions>): LocalCache;
  /** Stores what lies in `out`, always as the same step. */
  put(cache: LocalCache, name: string, paths: readonly string[], value?: unknown): Promise<CacheEntry>;
  /** Writes files to `out` and stores them. Names that end in `*` are executable. */
  keep(cache: LocalCache, name: string, files: Readonly<Record<string, string>>, value?: unknown): Promise<void>;
}

/** `always` are those that `open` has from then on. */
export async function project(always: Partial<LocalCacheOptions> = {}): Promise<Project> {
  const directory: TemporaryDirectory = await temporaryDirectory('mcpgen-cache-');
  const [store, out, back] = ['store', 'out', 'back'].map((name) => join(directory.path, name));
  if (store === undefined || out === undefined || back === undefined) throw new Error('unreachable');
  const events = eventRecorder<CacheEvent>();
  return {
    store,
    out,
    back,
    events,
    open: (options = {}) =>
      openLocalCache({ directory: store, now: Date.now, onEvent: events.onEvent, ...always, ...options }),
    put: (cache, name, paths, value = null) =>
      cache.store({ key: digestOf(name), step: 'tree', directory: out, paths, value, duration: 7 }),
    keep: async (cache, name, files, value = null) => {
      const named = Object.entries(files).map(([path, text]) => [path.replace('*', ''), text] as const);
      await writeTree(out, Object.fromEntries(named));
      for (const path of Object.keys(files)) if (path.endsWith('*')) await chmod(join(out, path.slice(0, -1)), 0o755);
      await cache.store({
        key: digestOf(name),
        step: `bundle:${name}`,
        directory: out,
        paths: named.map(([path]) => path),
        value,
        duration: 7,
      });
    },
    [Symbol.asyncDispose]: directory[Symbol.asyncDispose],
  };
}

/** Every file below a directory with its text; executables end in `*`, links in `@`. */
export async function readTree(directory: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  for (const name of names.sort()) {
    const stats = await lstat(join(directory, name));
    if (stats.isSymbolicLink()) tree[`${name}@`] = '';
    else if (stats.isFile())
      tree[(stats.mode & 0o100) === 0 ? name : `${name}*`] = await readFile(join(directory, name), 'utf8');
  }
  return tree;
}
