import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** One result as it lies in Redis. Times are milliseconds of Redis' own clock. */
export interface RedisEntry {
  /** The whole key, which is checked after reading. */
  readonly key: string;
  /** What `clear` had left valid when it was made. */
  readonly epoch: string;
  readonly staleAt: number;
  readonly endsAt: number;
  readonly text: string;
}

const FORMAT = 'mcpgen-rc-1';

/**
 * The value of an entry:
 *
 *     mcpgen-rc-1 <digest of what follows>
 *     ["<key>","<epoch>",<staleAt>,<endsAt>]
 *     <text>
 */
export function writeEntry({ key, epoch, staleAt, endsAt, text }: RedisEntry, secret: string | undefined): string {
  const body = `${JSON.stringify([key, epoch, staleAt, endsAt])}\n${text}`;
  return `${FORMAT} ${digestOf(body, secret)}\n${body}`;
}

/** What is wrong with a value that is no answer. */
export type RefusedEntry = 'unreadable' | 'foreign';

/** An entry that was written by `writeEntry` with the same secret, under this key. */
export function parseEntry(
  value: string,
  { key, secret }: { readonly key: string; readonly secret: string | undefined },
): RedisEntry | RefusedEntry {
  const headEnd = value.indexOf('\n');
  const [format, digest = ''] = value.slice(0, headEnd).split(' ');
  const body = value.slice(headEnd + 1);
  if (headEnd === -1 || format !== FORMAT || !isSame(digest, digestOf(body, secret))) return 'unreadable';
  const fieldsEnd = body.indexOf('\n');
  const entry = parseFields(body.slice(0, fieldsEnd), body.slice(fieldsEnd + 1));
  if (entry === undefined) return 'unreadable';
  return entry.key === key ? entry : 'foreign';
}

function parseFields(json: string, text: string): RedisEntry | undefined {
  const fields = parseJson(json);
  if (!Array.isArray(fields)) return undefined;
  const [key, epoch, staleAt, endsAt]: unknown[] = fields;
  if (typeof key !== 'string' || typeof epoch !== 'string') return undefined;
  if (typeof staleAt !== 'number' || typeof endsAt !== 'number') return undefined;
  return { key, epoch, staleAt, endsAt, text };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without a secret it tells damage, with one it also tells what others have written. */
function digestOf(body: string, secret: string | undefined): string {
  if (secret === undefined) return hash('sha256', body, 'base64url');
  return createHmac('sha256', secret).update(body).digest('base64url');
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
