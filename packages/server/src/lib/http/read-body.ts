import type { IncomingMessage } from 'node:http';

const { isUtf8 } = process.getBuiltinModule('node:buffer');

/** A client that sends nothing for this long in the middle of a body is cut off. */
const IDLE_LIMIT = 10_000;

export type Body = { readonly text: string } | { readonly problem: 'too-large' | 'not-utf8' };

/**
 * Reads a body to its end, or to its limit. `done` is called once, or never where the client leaves. A body that comes
 * in one piece costs no timer and no copy.
 */
export function readBody(request: IncomingMessage, limit: number, done: (body: Body) => void): void {
  const length = Number(request.headers['content-length']);
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  request.on('data', (chunk: Buffer) => {
    if (size > limit) return;
    size += chunk.length;
    if (size > limit) {
      clearTimeout(timer);
      done({ problem: 'too-large' });
      return;
    }
    if (first === undefined) first = chunk;
    else {
      rest ??= [first];
      rest.push(chunk);
    }
    if (timer !== undefined) timer.refresh();
    else if (size !== length) timer = setTimeout(() => request.destroy(), IDLE_LIMIT).unref();
  });
  request.on('end', () => {
    if (size > limit) return;
    clearTimeout(timer);
    const bytes = rest === undefined ? (first ?? NOTHING) : Buffer.concat(rest, size);
    done(isUtf8(bytes) ? { text: bytes.toString() } : { problem: 'not-utf8' });
  });
}

const NOTHING = Buffer.alloc(0);
