import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** A body has more bytes than it may. */
export class BodyTooLarge extends Error {
  constructor(most: number) {
    super(`the body has more than ${most} bytes`);
  }
}

/** Writes a body to a new file as it comes. Throws `BodyTooLarge`, what the file system throws, and where the client leaves. */
export async function receiveBody(request: IncomingMessage, file: string, most: number): Promise<void> {
  await pipeline(limit(request, most), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
}

/** A body of text that must be short. Throws `BodyTooLarge`. */
export async function readBody(request: IncomingMessage, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of limit(request, most)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** Reads a body that nobody wants: a client that is still sending hears no answer. Throws `BodyTooLarge`. */
export async function discardBody(request: IncomingMessage, most: number): Promise<void> {
  for await (const piece of limit(request, most)) void piece;
}

/** Leaves the connection open when it stops early: the client is still to be answered. */
async function* limit(request: IncomingMessage, most: number): AsyncGenerator<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > most) throw new BodyTooLarge(most);
  let size = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    size += piece.length;
    if (size > most) throw new BodyTooLarge(most);
    yield piece;
  }
}
