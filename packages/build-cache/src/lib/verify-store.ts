import { setImmediate } from 'node:timers/promises';
import { isWholeBody } from './body-store.ts';
import type { Digest } from './digest.ts';
import { dropEntry, readManifest } from './entry-store.ts';
import { exists } from './file-bytes.ts';
import { quarantine, type Store } from './store.ts';
import { verifyIndex } from './store-index.ts';
import { bodyPath } from './store-layout.ts';
import { walkStore } from './walk-store.ts';

export interface VerifyReport {
  readonly entries: number;
  readonly bodies: number;
  /** Bytes read. */
  readonly bytes: number;
  readonly damaged: readonly DamagedFile[];
  /** Whether the index said the same as the manifests. It does now. */
  readonly index: 'right' | 'mended';
}

export interface DamagedFile {
  readonly kind: 'body' | 'entry';
  readonly digest: Digest;
  readonly reason: string;
}

/**
 * Reads the whole store. Damaged bodies, and entries that are damaged or miss a body, are put aside; an index that says
 * something else than the manifests is made anew.
 */
export async function verifyStore(store: Store, signal?: AbortSignal): Promise<VerifyReport> {
  const bodies = await verifyBodies(store, signal);
  const entries = await verifyEntries(store, signal);
  return {
    entries: entries.count,
    bodies: bodies.count,
    bytes: bodies.bytes + entries.bytes,
    damaged: [...bodies.damaged, ...entries.damaged],
    index: verifyIndex(store) ? 'right' : 'mended',
  };
}

interface Verified {
  count: number;
  bytes: number;
  readonly damaged: DamagedFile[];
}

async function verifyBodies(store: Store, signal: AbortSignal | undefined): Promise<Verified> {
  const result: Verified = { count: 0, bytes: 0, damaged: [] };
  for (const shard of walkStore(store.layout.bodies)) {
    for (const { file, digest, size } of shard) {
      result.count++;
      result.bytes += size;
      if (!exists(file) || isWholeBody(file, digest)) continue;
      quarantine(store, file);
      result.damaged.push({ kind: 'body', digest, reason: 'not what its digest says' });
    }
    signal?.throwIfAborted();
    await setImmediate();
  }
  return result;
}

async function verifyEntries(store: Store, signal: AbortSignal | undefined): Promise<Verified> {
  const result: Verified = { count: 0, bytes: 0, damaged: [] };
  for (const shard of walkStore(store.layout.entries)) {
    for (const { file, digest: key, size } of shard) {
      result.count++;
      result.bytes += size;
      const reason = findEntryDamage(store, file, key);
      if (reason === undefined) continue;
      dropEntry(store, key, reason);
      result.damaged.push({ kind: 'entry', digest: key, reason });
    }
    signal?.throwIfAborted();
    await setImmediate();
  }
  return result;
}

function findEntryDamage(store: Store, file: string, key: Digest): string | undefined {
  if (!exists(file)) return undefined;
  const stored = readManifest(file, key);
  if (stored === undefined) return 'the manifest is damaged';
  const { entry, inline } = stored;
  const missing = entry.files.find(({ digest }) => !inline.has(digest) && !exists(bodyPath(store.layout, digest)));
  return missing === undefined ? undefined : `the body of "${missing.path}" is missing`;
}
