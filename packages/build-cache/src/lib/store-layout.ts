import { join } from 'node:path';
import type { Digest } from './digest.ts';

/** Raised when a store of the old form can no longer be read: a new folder, never a migration. */
export const STORE_FORMAT = 1;

/**
 * The only place that knows the names on disk:
 *
 *     CACHEDIR.TAG                    backups and indexers skip the directory
 *     v1/format.json                  {"format":1,"hash":"sha256"}
 *     v1/cas/ab/ab12…                 a file's raw bytes under their SHA-256, mode 0444
 *     v1/entries/cd/cd34…             a manifest under its key, sealed, written after all its bodies
 *     v1/index                        what the manifests say, in columns, with a journal: a hint
 *     v1/stats/<id>                   counts of one run, or of many merged
 *     v1/growth                       bytes stored since the last sweep, a line per run
 *     v1/tmp/<pid>-<id>/<n>           what is being written
 *     v1/quarantine/<id>              what failed verification
 *     v1/outputs/<hash>               what was last stored from a directory: a hint
 *     v1/links/<key>                  what bodies were like when an entry was last restored by links: a hint
 */
export interface StoreLayout {
  readonly root: string;
  readonly tag: string;
  readonly store: string;
  readonly format: string;
  readonly bodies: string;
  readonly entries: string;
  readonly index: string;
  readonly stats: string;
  readonly growth: string;
  readonly temporary: string;
  readonly quarantine: string;
  readonly outputs: string;
  readonly links: string;
}

export function storeLayout(root: string): StoreLayout {
  const store = join(root, `v${STORE_FORMAT}`);
  return {
    root,
    tag: join(root, 'CACHEDIR.TAG'),
    store,
    format: join(store, 'format.json'),
    bodies: join(store, 'cas'),
    entries: join(store, 'entries'),
    index: join(store, 'index'),
    stats: join(store, 'stats'),
    growth: join(store, 'growth'),
    temporary: join(store, 'tmp'),
    quarantine: join(store, 'quarantine'),
    outputs: join(store, 'outputs'),
    links: join(store, 'links'),
  };
}

export function bodyPath(layout: StoreLayout, digest: Digest): string {
  return sharded(layout.bodies, digest);
}

export function entryPath(layout: StoreLayout, key: Digest): string {
  return sharded(layout.entries, key);
}

export function linksPath(layout: StoreLayout, key: Digest): string {
  return `${layout.links}/${key.slice(7)}`;
}

/** 256 shards hold a million files. */
export function shardOf(digest: Digest): string {
  return digest.slice(7, 9);
}

export function shardPath(directory: string, shard: string): string {
  return `${directory}/${shard}`;
}

/** Concatenation, because `path.join` shows in thousands of look-ups. */
function sharded(directory: string, digest: Digest): string {
  return `${directory}/${shardOf(digest)}/${digest.slice(7)}`;
}
