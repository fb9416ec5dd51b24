import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';

/** What a server answered, byte for byte and parsed. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body, decoded where it had an encoding. */
  readonly text: string;
  /** Bytes of the body on the wire. */
  readonly size: number;
  /** The body as JSON, or the data of its last event. */
  readonly json: WireMessage | undefined;
  readonly events: readonly WireMessage[];
}

export interface WireMessage {
  readonly jsonrpc?: string;
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface WireRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: string | Buffer;
}

export const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A message of revision 2026-07-28. */
export function modernMessage(method: string, params: object = {}, id: unknown = 1): object {
  return { jsonrpc: '2.0', id, method, params: { _meta: META, ...params } };
}

/** A message of revision 2026-07-28 with the headers that go with it; `headers` replaces or, by `undefined`, removes some. */
export function modernRequest(method: string, params: object = {}, headers: WireRequest['headers'] = {}): WireRequest {
  const name = 'name' in params ? params.name : 'uri' in params ? params.uri : undefined;
  return {
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
      ...headers,
    },
    body: JSON.stringify(modernMessage(method, params)),
  };
}

/** Sends one HTTP request as it is told to, right or wrong. */
export function send(url: string, { method = 'POST', path, headers = {}, body }: WireRequest): Promise<WireAnswer> {
  const target = new URL(url);
  const defaults = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const sent = Object.entries({ ...defaults, ...headers }).filter(([, value]) => value !== undefined);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: target.hostname,
        port: target.port,
        path: path ?? target.pathname,
        method,
        headers: Object.fromEntries(sent) as Record<string, string | string[]>,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          const text = decode(body, response.headers['content-encoding']).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            size: body.length,
            ...parseBody(text),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function decode(body: Buffer, encoding: string | undefined): Buffer {
  switch (encoding) {
    case undefined:
      return body;
    case 'br':
      return brotliDecompressSync(body);
    case 'gzip':
      return gunzipSync(body);
    case 'zstd':
      return zstdDecompressSync(body);
    default:
      throw new Error(`The server answered in "${encoding}"`);
  }
}

function parseBody(text: string): Pick<WireAnswer, 'json' | 'events'> {
  if (text.includes('data: ')) {
    const events = [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => JSON.parse(data) as WireMessage);
    return { json: events.at(-1), events };
  }
  try {
    return { json: JSON.parse(text) as WireMessage, events: [] };
  } catch {
    return { json: undefined, events: [] };
  }
}
