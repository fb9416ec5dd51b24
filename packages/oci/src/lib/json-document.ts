import { documentInvalid } from './errors.ts';

/** No manifest, index or configuration is taken to be larger: registries refuse more than 4 MiB too. */
export const MAX_DOCUMENT_SIZE = 4 * 1024 * 1024;

/** Objects of JSON: keys are looked up by name only, and may be anything. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Tells a JSON object from arrays, null and the rest. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses a document that came from outside. Two equal keys in one object are refused: readers disagree about which one
 * counts, so one digest would mean two images.
 *
 * @param what names the document in messages.
 * @throws {OciError} `DOCUMENT_INVALID`
 */
export function parseJsonDocument(bytes: Uint8Array, what: string): JsonRecord {
  if (bytes.length > MAX_DOCUMENT_SIZE) throw documentInvalid(what, `it has ${bytes.length} bytes, more than 4 MiB`);
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw documentInvalid(what, 'it is not JSON', cause);
  }
  if (!isRecord(value)) throw documentInvalid(what, 'it is not a JSON object');
  const twice = findDuplicateKey(text);
  if (twice !== undefined) throw documentInvalid(what, `an object has the key ${twice} twice`);
  return value;
}

/** Strings by strings, or nothing. Keys come back sorted by nothing: the order of the document is kept. */
export function readStringMap(value: unknown, what: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) throw documentInvalid(what, 'expected an object of strings');
  const entries: [string, string][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string') throw documentInvalid(what, 'expected an object of strings');
    entries.push([key, item]);
  }
  return Object.fromEntries(entries);
}

/** The first key that an object of this JSON text has twice, as it is written there. The text must be valid JSON. */
function findDuplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  // In valid JSON these four are all that can hold or part keys; a string is a key when a colon follows.
  for (const [token, key] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (key !== undefined) {
      const keys = open.at(-1);
      const name: string = JSON.parse(key);
      if (keys?.has(name)) return key;
      keys?.add(name);
    }
  }
  return undefined;
}

/** The bytes of a document as this package writes it: compact, in the order of the object's own keys. */
export function encodeJson(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
