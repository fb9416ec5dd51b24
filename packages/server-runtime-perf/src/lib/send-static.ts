import type { IncomingMessage, ServerResponse } from 'node:http';
import { createNegotiator } from './accept-encoding.ts';
import type { ContentEncoding } from './content-encoding.ts';
import type { StaticBody, StaticVariant } from './static-body.ts';

const negotiate = createNegotiator();

/**
 * Answers `GET` and `HEAD` with a body that never changes: in the encoding that the client likes best, with `ETag`, or by
 * 304 where the client has it (RFC 9110, 13.1.2). Other methods get 405. It compares no path.
 */
export function sendStatic(request: IncomingMessage, response: ServerResponse, body: StaticBody): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, ['Allow', 'GET, HEAD', 'Content-Length', '0']).end();
    return;
  }
  const { encoding } = negotiate(request.headers['accept-encoding'], body.encodings);
  if (encoding === undefined) send({ request, response, body }, body.plain(), []);
  else sendEncoded({ request, response, body }, encoding);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: StaticBody;
}

function sendEncoded(exchange: Exchange, encoding: ContentEncoding): void {
  const encoded = exchange.body.encoded(encoding);
  const headers = ['Content-Encoding', encoding];
  if (!(encoded instanceof Promise)) send(exchange, encoded, headers);
  else {
    encoded.then(
      (variant) => send(exchange, variant, headers),
      () => send(exchange, exchange.body.plain(), []),
    );
  }
}

function send(
  { request, response, body }: Exchange,
  { bytes, etag }: StaticVariant,
  encoding: readonly string[],
): void {
  const vary = body.encodings.length === 0 ? [] : ['Vary', 'Accept-Encoding'];
  const always = ['ETag', etag, 'Cache-Control', body.cacheControl, ...vary];
  if (isKnown(request.headers['if-none-match'], etag)) {
    response.writeHead(304, always).end();
    return;
  }
  const length = String(bytes.length);
  response.writeHead(200, [...always, ...encoding, 'Content-Type', body.type, 'Content-Length', length]);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** The comparison is weak, so `W/` before a tag does not matter; a tag with its quotes cannot be part of another one. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && (ifNoneMatch.trim() === '*' || ifNoneMatch.includes(etag));
}
