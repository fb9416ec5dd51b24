import { lstatSync } from 'node:fs';
import { createBodyBatch } from './body-batch.ts';
import { putBigFile } from './body-store.ts';
import type { CachedFile, NewEntry } from './cache.ts';
import type { Checksum } from './checksum.ts';
import type { Digest } from './digest.ts';
import { checkAt, INLINE_LIMIT, NO_CHECK, parseKnownManifest } from './manifest.ts';
import { type OutputReader, readOutputs } from './read-outputs.ts';
import { reportFailure, type Store } from './store.ts';
import type { OutputWatch, StoredOutputs } from './stored-outputs.ts';

/** Outputs whose bodies are in the store now, unless something `failed`. */
export interface KeptOutputs {
  readonly files: readonly CachedFile[];
  /** Small bodies, which go into the manifest. */
  readonly inline: ReadonlyMap<Digest, Buffer>;
  /** As a manifest has them. */
  readonly checks: string;
  /** Whether they are all those of the entry that is known, and nothing else: nothing was read then. */
  readonly same: boolean;
  readonly failed: boolean;
}

export interface KeepOptions {
  readonly known: StoredOutputs | undefined;
  readonly watch: OutputWatch;
  /** Without one, entries have no checksums. */
  readonly checksum: Checksum | undefined;
}

/** Reads the outputs that changed since they were last stored, and puts their bodies into the store. */
export function keepOutputs(store: Store, entry: NewEntry, { known, watch, checksum }: KeepOptions): KeptOutputs {
  const inline = new Map<Digest, Buffer>();
  const checks: string[] = [];
  const sink = bodySink(store, (row, digest, bytes) => {
    if (bytes.length <= INLINE_LIMIT) inline.set(digest, Buffer.from(bytes));
    else if (checksum !== undefined) checks[row] = checksum(bytes);
    return bytes.length > INLINE_LIMIT;
  });
  const recall = recallFiles(known, watch, checks);
  try {
    const reader: OutputReader = { ...sink.reader, recall: recall.file, reading: watch.reading };
    const files = readOutputs(entry, reader, known?.samePaths === true ? known.paths : undefined);
    sink.commit();
    const same = known?.samePaths === true && recall.recalled() === files.length;
    if (known !== undefined && !same) copyInline(known, files, inline);
    return { files, inline, checks: same ? '' : joinChecks(checks, files.length), same, failed: sink.failed() };
  } finally {
    sink.discard();
  }
}

function joinChecks(checks: readonly string[], files: number): string {
  if (checks.length === 0) return '';
  return Array.from({ length: files }, (_, row) => checks[row] || NO_CHECK).join('');
}

/** Finds files again by what the file system says of them. */
function recallFiles(
  known: StoredOutputs | undefined,
  watch: OutputWatch,
  checks: string[],
): { readonly file: OutputReader['recall']; readonly recalled: () => number } {
  if (known === undefined) return { file: () => undefined, recalled: () => 0 };
  const rows = known.samePaths ? undefined : new Map(known.paths.map((path, row) => [path, row]));
  let recalled = 0;
  return {
    file: (path, row, file) => {
      const before = rows === undefined ? row : rows.get(path);
      if (before === undefined) return undefined;
      const stats = lstatSync(file, { throwIfNoEntry: false });
      const found = stats && known.recall(before, stats);
      if (found === undefined) return undefined;
      watch.unchanged(row, known.facts, before);
      const check = checkAt(known, before);
      if (check !== '') checks[row] = check;
      recalled++;
      return found;
    },
    recalled: () => recalled,
  };
}

/** The small bodies of files that were not read come from the manifest that has them. */
function copyInline(known: StoredOutputs, files: readonly CachedFile[], inline: Map<Digest, Buffer>): void {
  const small = files.filter(({ digest, size }) => size <= INLINE_LIMIT && !inline.has(digest));
  if (small.length === 0) return;
  const bodies = parseKnownManifest(known.manifest, known.key)?.inline;
  for (const { digest } of small) {
    const bytes = bodies?.get(digest);
    if (bytes !== undefined) inline.set(digest, bytes);
  }
}

/**
 * Puts bodies into the store until one cannot be put: the entry is then not written, and the rest is only hashed.
 *
 * @param isBody takes note of what was read, and says whether it is a body for the store.
 */
function bodySink(store: Store, isBody: (row: number, digest: Digest, bytes: Buffer) => boolean) {
  const batch = createBodyBatch(store);
  let failed = false;
  function attempt<T>(put: () => T): T | undefined {
    if (failed) return undefined;
    try {
      return put();
    } catch (error) {
      failed = true;
      reportFailure(store, 'store', error);
      return undefined;
    }
  }
  const reader: Pick<OutputReader, 'bytes' | 'bigFile'> = {
    bytes: (row, digest, bytes) => {
      if (isBody(row, digest, bytes)) attempt(() => batch.put(digest, bytes));
    },
    bigFile: (file) => attempt(() => putBigFile(store, file)),
  };
  return { reader, commit: () => attempt(batch.commit), discard: batch.discard, failed: () => failed };
}
