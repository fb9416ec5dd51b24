import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** One result as it lies in Redis. Times are milliseconds of Redis' own clock. */
export interface RedisEntry {
  /** Its key, of which a digest is kept that is checked after reading. */
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
 *     ["<digest of the key>","<epoch>",<staleAt>,<endsAt>]
 *     <text>
 */
export function writeEntry({ key, epoch, staleAt, endsAt, text }: RedisEntry, secret: string | undefined): string {
  const body = `${JSON.stringify([hash('sha256', key, 'base64url'), epoch, staleAt, endsAt])}\n${text}`;
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
  const fields = parseJson(body.slice(0, fieldsEnd));
  if (!Array.isArray(fields)) return 'unreadable';
  const [own, epoch, staleAt, endsAt]: unknown[] = fields;
  if (typeof epoch !== 'string' || typeof staleAt !== 'number' || typeof endsAt !== 'number') return 'unreadable';
  if (own !== hash('sha256', key, 'base64url')) return 'foreign';
  return { key, epoch, staleAt, endsAt, text: body.slice(fieldsEnd + 1) };
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
