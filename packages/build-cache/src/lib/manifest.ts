import type { CachedFile, CacheEntry, FileMode, Producer } from './cache.ts';
import { CHECKSUM } from './checksum.ts';
import { type Digest, isDigest } from './digest.ts';
import { jsonText } from './json-text.ts';
import { outputDigest } from './output-digest.ts';
import { findUnsafePath } from './output-paths.ts';
import { openSealedBytes, sealBytes } from './sealed-file.ts';
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
  /** Checksums of the bodies, 16 characters for each file; empty where there are none. */
  readonly checks: string;
}

/** In place of the checksum of a file that has none. */
export const NO_CHECK = '-'.repeat(CHECKSUM);

/** The checksum of a file's body; empty where it has none. */
export function checkAt({ checks }: Pick<StoredEntry, 'checks'>, row: number): string {
  const check = checks.slice(row * CHECKSUM, (row + 1) * CHECKSUM);
  return check === NO_CHECK ? '' : check;
}

/** `path, mode, size, hex digest`, and the bytes in base64 for a small file. */
type FileRow = [string, FileMode, number, string, string?];

/**
 * The manifest's text, sealed:
 *
 *     <64 hex digits>
 *     {"format":1,"key":"sha256:…","step":"bundle:tools/echo","created":…,"duration":…,"output":"sha256:…",
 *      "producer":{"generator":"1.x","format":2},"value":null,"checks":"","files":[["modules/tools/echo.js",420,812,"<64 hex digits>","<base64>"]]}
 */
export function encodeManifest(stored: StoredEntry): Buffer {
  return joinManifest(stored.entry, encodeListing(stored));
}

/** A manifest of these files, which another entry may have, too: its listing, and all that is said of them. */
export function joinManifest(
  { key, step, created, duration, output, value, producer }: CacheEntry,
  listing: Buffer,
): Buffer {
  const head = JSON.stringify({ format: STORE_FORMAT, key, step, created, duration, output, producer });
  return sealBytes([Buffer.from(`${head.slice(0, -1)},"value":${jsonText(value ?? null)},`), listing]);
}

/** The end of a manifest: `"checks":"…","files":[…]}`. Of thousands of files it takes longer to render than to read. */
export function encodeListing({ entry, inline, checks }: StoredEntry): Buffer {
  const files = entry.files.map((file): FileRow => {
    const bytes = inline.get(file.digest);
    const hex = file.digest.slice(7);
    if (bytes === undefined) return [file.path, file.mode, file.size, hex];
    return [file.path, file.mode, file.size, hex, bytes.toString('base64')];
  });
  return Buffer.from(`"checks":"${checks}","files":${JSON.stringify(files)}}`);
}

const LISTING = Buffer.from('"checks":"');

/** What `joinManifest` was given last. No text in it can hold these characters: its quotes would have backslashes. */
export function listingOf(manifest: Buffer): Buffer {
  return manifest.subarray(manifest.lastIndexOf(LISTING));
}

/** What tells a manifest from every other: the digest of its content. */
export function sealOf(manifest: Buffer): string {
  return manifest.toString('latin1', 0, 64);
}

/**
 * Reads a manifest that may be torn, forged, or another key's: `undefined` unless all of it holds together. Names are
 * checked here, before any of them can become a path.
 */
export function parseManifest(sealed: Buffer, key: Digest): StoredEntry | undefined {
  const stored = parseKnownManifest(sealed, key);
  if (stored === undefined) return undefined;
  const { files, value, output } = stored.entry;
  if (findUnsafePath(files.map((file) => file.path)) !== undefined) return undefined;
  return outputDigest(files, value) === output ? stored : undefined;
}

/** The same of a manifest whose seal is known to be that of one that `parseManifest` took, or that was just made. */
export function parseKnownManifest(sealed: Buffer, key: Digest): StoredEntry | undefined {
  const json = openSealedBytes(sealed);
  if (json === undefined) return undefined;
  const record = parseRecord(json);
  if (record === undefined || record.format !== STORE_FORMAT || record.key !== key) return undefined;
  const { step, created, duration, output, value, checks = '', files: rows } = record;
  const producer = parseProducer(record.producer);
  if (typeof step !== 'string' || !isTime(created) || !isTime(duration) || !isDigest(output)) return undefined;
  if (!Array.isArray(rows) || value === undefined || typeof checks !== 'string') return undefined;
  if (checks !== '' && checks.length !== rows.length * CHECKSUM) return undefined;
  const inline = new Map<Digest, Buffer>();
  const files: CachedFile[] = [];
  for (const row of rows) {
    const file = parseFile(row, inline);
    if (file === undefined) return undefined;
    files.push(file);
  }
  const entry = { key, files, value, output, step, duration, created, ...(producer === undefined ? {} : { producer }) };
  return { entry, inline, checks };
}

/** Entries of other programs, and of earlier versions, do not say. */
function parseProducer(value: unknown): Producer | undefined {
  if (!isRecord(value) || typeof value.generator !== 'string' || typeof value.format !== 'number') return undefined;
  return { generator: value.generator, format: value.format };
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
