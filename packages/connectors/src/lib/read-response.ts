import type { Dispatcher } from 'undici';
import type { HttpResponse } from './http.ts';

/** Reads an answer to its end; `undefined` where it is larger than it may be, and then no more of it is read. */
export async function readResponse(
  { body, headers, statusCode }: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<HttpResponse | undefined> {
  const chunks: Buffer[] = [];
  let size = Number(headers['content-length'] ?? 0) > maxBytes ? maxBytes + 1 : 0;
  if (size === 0) {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  }
  if (size > maxBytes) {
    body.on('error', () => {}); // the end that follows is ours
    body.destroy();
    return undefined;
  }
  return { status: statusCode, headers: joinHeaders(headers), body: Buffer.concat(chunks) };
}

function joinHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const joined: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}
