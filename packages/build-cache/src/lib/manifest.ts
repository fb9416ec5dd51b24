import type { CachedFile, CacheEntry, FileMode } from './cache.ts';
import { type Digest, isDigest } from './digest.ts';
import { jsonText } from './json-text.ts';
import { outputDigest } from './output-digest.ts';
import { findUnsafePath } from './output-paths.ts';
import { openSealedBytes, sealText } from './sealed-file.ts';
import { STORE_FORMAT } from './store-layout.ts';

/**
 * Bodies up to this many bytes lie in the manifest itself. Most outputs of a server build are a validator or a small
 * chunk: one file written and read instead of two, which halves the cost of a cold build's 3,000 entries.
 */
export const INLINE_LIMIT = 2048;

/** An entry with the small bodies that came in its manifest, by digest. */
export interface StoredEntry {
  readonly entry: CacheEntry;
  readonly inline: ReadonlyMap<Digest, Buffer>;
}

/** `path, mode, size, hex digest`, and the bytes in base64 for a small file. */
type FileRow = [string, FileMode, number, string, string?];

/**
 * The manifest's text, sealed:
 *
 *     <64 hex digits>
 *     {"format":1,"key":"sha256:…","step":"bundle:tools/echo","created":…,"duration":…,"output":"sha256:…",
 *      "files":[["modules/tools/echo.js",420,812,"<64 hex digits>","<base64>"]],"value":null}
 */
export function encodeManifest({ entry, inline }: StoredEntry): string {
  const { key, step, created, duration, output, value } = entry;
  const files = entry.files.map((file): FileRow => {
    const bytes = inline.get(file.digest);
    const hex = file.digest.slice(7);
    if (bytes === undefined) return [file.path, file.mode, file.size, hex];
    return [file.path, file.mode, file.size, hex, bytes.toString('base64')];
  });
  const head = JSON.stringify({ format: STORE_FORMAT, key, step, created, duration, output, files });
  return sealText(`${head.slice(0, -1)},"value":${jsonText(value ?? null)}}`);
}

/**
 * Reads a manifest that may be torn, forged, or another key's: `undefined` unless all of it holds together. Names are
 * checked here, before any of them can become a path.
 */
export function parseManifest(sealed: Buffer, key: Digest): StoredEntry | undefined {
  const json = openSealedBytes(sealed);
  if (json === undefined) return undefined;
  const record = parseRecord(json);
  if (record === undefined || record.format !== STORE_FORMAT || record.key !== key) return undefined;
  const { step, created, duration, output, value, files: rows } = record;
  if (typeof step !== 'string' || !isTime(created) || !isTime(duration) || !isDigest(output)) return undefined;
  if (!Array.isArray(rows) || value === undefined) return undefined;
  const inline = new Map<Digest, Buffer>();
  const files: CachedFile[] = [];
  for (const row of rows) {
    const file = parseFile(row, inline);
    if (file === undefined) return undefined;
    files.push(file);
  }
  if (findUnsafePath(files.map((file) => file.path)) !== undefined) return undefined;
  if (outputDigest(files, value) !== output) return undefined;
  return { entry: { key, files, value, output, step, duration, created }, inline };
}

function parseRecord(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function parseFile(row: unknown, inline: Map<Digest, Buffer>): CachedFile | undefined {
  if (!Array.isArray(row)) return undefined;
  const [path, mode, size, hex, body]: unknown[] = row;
  const digest = `sha256:${String(hex)}`;
  if (typeof path !== 'string' || (mode !== 0o644 && mode !== 0o755) || !isDigest(digest)) return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
  if (typeof body === 'string') inline.set(digest, Buffer.from(body, 'base64'));
  else if (body !== undefined) return undefined;
  return { path, mode, size, digest };
}
