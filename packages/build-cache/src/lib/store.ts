import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CacheEntry, CacheEvent } from './cache.ts';
import type { Digest } from './digest.ts';
import { codeOf, messageOf } from './errors.ts';
import { removeFile, writeAll, writeNewFile } from './file-bytes.ts';
import { STORE_FORMAT, type StoreLayout } from './store-layout.ts';

/** Codes that say the same for every later write: one event is enough, nothing more is tried in this run. */
const PERSISTENT = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']);

/** An open local store: where it is, and what this run has learnt about it. */
export interface Store {
  readonly layout: StoreLayout;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly emit: (event: CacheEvent) => void;
  /** Where this run writes what is not yet in its place. */
  readonly staging: string;
  /** A fresh name in `staging`; the directory exists from the first call on. */
  readonly temporaryFile: () => string;
  /** Whether the directories of this run exist; unset when another process cleared the store. */
  prepared: boolean;
  /** False once a write failed for a reason that will not go away. */
  writable: boolean;
  /** Whether files are restored as hard links to bodies. */
  readonly links: boolean;
  /** False once the file system refused to clone a file. */
  clones: boolean;
  /** Bytes that this run added. */
  grown: number;
  /** Entries that this run added: its index is told of them when the run ends. */
  readonly added: Map<Digest, CacheEntry>;
  /** Failures that were reported: a broken disk fails thousands of times. */
  readonly reported: Set<string>;
  /** Keys that this run stored or found: they are not evicted while it lasts. */
  readonly pinned: Set<Digest>;
  /** Entries that this run brought from elsewhere, and the name of the tier that had them. */
  readonly origins: Map<Digest, string>;
}

export function createStore(
  layout: StoreLayout,
  { now, emit, links = false }: Pick<Store, 'now' | 'emit'> & Partial<Pick<Store, 'links'>>,
): Store {
  const staging = `${layout.temporary}/${process.pid}-${randomUUID().slice(0, 8)}`;
  let files = 0;
  const store: Store = {
    layout,
    now,
    emit,
    links,
    staging,
    temporaryFile,
    prepared: false,
    writable: true,
    clones: true,
    grown: 0,
    added: new Map(),
    reported: new Set(),
    pinned: new Set(),
    origins: new Map(),
  };
  function temporaryFile(): string {
    if (!store.prepared) {
      prepare(layout);
      mkdirSync(staging, { recursive: true });
      store.prepared = true;
    }
    return `${staging}/${++files}`;
  }
  return store;
}

/** Reports that the cache could not do something, once for each system error. The build goes on. */
export function reportFailure(store: Store, operation: string, error: unknown): void {
  const code = codeOf(error);
  if (code === 'ENOENT') store.prepared = false;
  if (code !== undefined) {
    if (operation === 'store' && PERSISTENT.has(code)) store.writable = false;
    const failure = `${operation} ${code}`;
    if (store.reported.has(failure)) return;
    store.reported.add(failure);
  }
  store.emit({ type: 'failed', operation, message: messageOf(error) });
}

/**
 * Writes a new file to `staging` and gives back its name. Where another process has cleared the store meanwhile, its
 * directories are made again.
 */
export function stageFile(store: Store, bytes: Uint8Array): string {
  try {
    return writeStaged(store, bytes);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    store.prepared = false;
    return writeStaged(store, bytes);
  }
}

function writeStaged(store: Store, bytes: Uint8Array): string {
  const file = store.temporaryFile();
  try {
    writeNewFile(file, 0o444, (descriptor) => writeAll(descriptor, bytes));
  } catch (error) {
    removeFile(file);
    throw error;
  }
  return file;
}

/** Renames a file within the store; a shard is made when its first file comes. */
export function moveIntoStore(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }
}

/**
 * Takes a damaged file out of the way and keeps it for inspection. Never throws: what cannot be moved is removed. What is
 * known of outputs goes, too: it says that bodies need not be looked for, and the next store must heal this one.
 */
export function quarantine(store: Store, file: string): void {
  try {
    rmSync(store.layout.outputs, { force: true, recursive: true });
  } catch {
    // A store that cannot be changed: nothing is stored there either.
  }
  try {
    moveIntoStore(file, `${store.layout.quarantine}/${randomUUID()}`);
  } catch {
    try {
      rmSync(file, { force: true, recursive: true });
    } catch {
      // A store that cannot be changed: the file is found damaged again next time, which is a miss again.
    }
  }
}

function prepare(layout: StoreLayout): void {
  mkdirSync(layout.store, { recursive: true });
  const files = [
    [
      layout.tag,
      'Signature: 8a477f597d28d172789f06886806bc55\n# A cache of mcpgen. See https://bford.info/cachedir/\n',
    ],
    [layout.format, `${JSON.stringify({ format: STORE_FORMAT, hash: 'sha256' })}\n`],
  ] as const;
  for (const [file, text] of files) {
    try {
      writeFileSync(file, text, { flag: 'wx' });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}
