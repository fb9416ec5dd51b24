import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/** A client that sends nothing for this long in the middle of a body is cut off. */
const IDLE_LIMIT = 10_000;

export type Body = { readonly text: string } | { readonly problem: 'too-large' | 'not-utf8' | 'gone' };

/** Reads a body to its end, or to its limit. `done` is called once. */
export function readBody(request: IncomingMessage, limit: number, done: (body: Body) => void): void {
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const end = (body: Body): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) return end({ problem: 'too-large' });
    if (first === undefined) first = chunk;
    else {
      rest ??= [first];
      rest.push(chunk);
    }
    if (timer !== undefined) timer.refresh();
    else if (!request.complete) timer = setTimeout(() => request.destroy(), IDLE_LIMIT).unref();
  });
  request.on('end', () => {
    const bytes = rest === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(rest, size);
    end(isUtf8(bytes) ? { text: bytes.toString() } : { problem: 'not-utf8' });
  });
  request.on('error', () => end({ problem: 'gone' }));
  request.on('close', () => end({ problem: 'gone' }));
}
