import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Digest, formatReference, isDigest, parseReference } from '@mcpgen/oci';
import { lockInvalid } from '../errors.ts';

/** What the lock file holds: digests by full name, `docker.io/library/node:24-slim`. */
export type LockedBases = ReadonlyMap<string, Digest>;

/** The name of a base in the lock file: with its registry and tag. */
export function lockedName(base: string): string {
  const reference = parseReference(base);
  return formatReference({ ...reference, tag: reference.tag ?? 'latest' });
}

/** Reads the lock file; none means nothing is locked. Throws a `CliError` for one that cannot be understood. */
export function readLockFile(file: string): LockedBases {
  const text = readText(file);
  return text === undefined ? new Map() : parseLock(text, file);
}

/** The same of the file beside a store, which is worth no failure: one that cannot be understood locks nothing. */
export function readSharedLock(file: string): LockedBases {
  try {
    return readLockFile(file);
  } catch {
    return new Map();
  }
}

/** Writes the lock file, sorted, whole or not at all; leaves one alone that says the same. */
export function writeLockFile(file: string, bases: LockedBases): void {
  const sorted = [...bases].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = `${JSON.stringify({ version: 1, bases: Object.fromEntries(sorted) }, null, 2)}\n`;
  if (readText(file) === text) return;
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseLock(text: string, file: string): LockedBases {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw lockInvalid(
      file,
      /^(?:<{7}|>{7}|={7})/m.test(text) ? 'it has the marks of a merge conflict' : 'it is not JSON',
    );
  }
  const { version, bases } = Object(value) as { readonly version?: unknown; readonly bases?: unknown };
  if (version !== 1) throw lockInvalid(file, 'expected "version" 1');
  if (typeof bases !== 'object' || bases === null) throw lockInvalid(file, 'expected an object "bases"');
  return new Map(
    Object.entries(bases).map(([name, digest]) => {
      if (!isDigest(digest)) throw lockInvalid(file, `expected a digest for "${name}"`);
      return [name, digest];
    }),
  );
}
