import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { layerEntryInvalid, sourceChanged } from './errors.ts';
import { type FileEntry, type LayerEntry, normalMode, planLayerEntries } from './layer-entry.ts';
import { paddingOf, TAR_END, tarHeader } from './tar-header.ts';

/** Compressors get input in pieces of exactly this size, so that their output depends on the content alone. */
const CHUNK = 1024 * 1024;

/**
 * The tar archive of a layer in pieces of 1 MiB. Files are read synchronously while the archive is made: thousands of
 * small files cost one system call for each of open, stat, read and close, and none waits for a thread.
 *
 * @throws {OciError} `LAYER_ENTRY_INVALID`, `SOURCE_CHANGED`
 */
export function* layerTar(entries: readonly LayerEntry[]): Generator<Buffer, void, void> {
  const pieces = new Pieces();
  for (const entry of planLayerEntries(entries)) {
    if (entry.kind === 'file') yield* fileMember(entry, pieces);
    else {
      const target = entry.kind === 'symlink' ? { target: checkTarget(entry.path, entry.target) } : {};
      const { kind, path } = entry;
      yield* pieces.add(tarHeader({ kind, path, mode: normalMode(entry), size: 0, ...target }));
    }
  }
  yield* pieces.add(TAR_END);
  yield* pieces.end();
}

function checkTarget(path: string, target: string): string {
  if (target === '' || target.includes('\u0000'))
    throw layerEntryInvalid(path, 'the target of a symbolic link cannot be empty');
  return target;
}

function* fileMember(entry: FileEntry, pieces: Pieces): Generator<Buffer, void, void> {
  const { path, source } = entry;
  const member = { kind: 'file', path, mode: normalMode(entry) } as const;
  if (typeof source !== 'string') {
    yield* pieces.add(tarHeader({ ...member, size: source.length }));
    yield* pieces.add(source);
    yield* pieces.addZeros(paddingOf(source.length));
    return;
  }
  const fd = openSource(path, source);
  try {
    const { size } = statSource(path, source, fd);
    yield* pieces.add(tarHeader({ ...member, size }));
    yield* pieces.addFile(fd, size, source);
    yield* pieces.addZeros(paddingOf(size));
  } finally {
    closeSync(fd);
  }
}

function openSource(path: string, source: string): number {
  try {
    return openSync(source, 'r');
  } catch (cause) {
    throw layerEntryInvalid(
      path,
      `its source "${source}" cannot be read (${cause instanceof Error ? cause.message : cause})`,
    );
  }
}

function statSource(path: string, source: string, fd: number) {
  const stats = fstatSync(fd);
  if (!stats.isFile()) throw layerEntryInvalid(path, `its source "${source}" is not a regular file`);
  return stats;
}

/** Gathers bytes and hands them out in pieces of one size; each piece is a buffer of its own. */
class Pieces {
  #buffer = Buffer.allocUnsafe(CHUNK);
  #used = 0;

  *add(bytes: Uint8Array): Generator<Buffer, void, void> {
    for (let from = 0; from < bytes.length; ) {
      const part = bytes.subarray(from, from + CHUNK - this.#used);
      this.#buffer.set(part, this.#used);
      this.#used += part.length;
      from += part.length;
      yield* this.#flushIfFull();
    }
  }

  *addZeros(count: number): Generator<Buffer, void, void> {
    yield* this.add(TAR_END.subarray(0, count));
  }

  *addFile(fd: number, size: number, source: string): Generator<Buffer, void, void> {
    for (let done = 0; done < size; ) {
      const read = readSync(fd, this.#buffer, this.#used, Math.min(size - done, CHUNK - this.#used), null);
      if (read === 0) throw sourceChanged(source, size, done);
      this.#used += read;
      done += read;
      yield* this.#flushIfFull();
    }
  }

  *end(): Generator<Buffer, void, void> {
    if (this.#used > 0) yield this.#buffer.subarray(0, this.#used);
    this.#used = 0;
  }

  *#flushIfFull(): Generator<Buffer, void, void> {
    if (this.#used < CHUNK) return;
    yield this.#buffer;
    this.#buffer = Buffer.allocUnsafe(CHUNK);
    this.#used = 0;
  }
}
