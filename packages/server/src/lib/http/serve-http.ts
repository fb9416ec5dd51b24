import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Authenticate } from '../authoring/auth.ts';
import type { CompressionOptions } from '../catalogue/manifest.ts';
import { listenFailed, listenRefused } from '../errors.ts';
import type { McpServer } from '../mcp-server.ts';
import { scheduleWarmUp } from '../warm-up.ts';
import { isLoopback } from './http-guard.ts';
import { HttpHandler } from './http-handler.ts';

export interface HttpOptions {
  /** Default 3000; 0 takes a free one. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1. Anything but a loopback address needs `allowRemote`. */
  readonly host?: string | undefined;
  readonly allowRemote?: boolean | undefined;
  /** Path of the endpoint; default: what the manifest says, or `/mcp`. */
  readonly path?: string | undefined;
  /** Besides those of the manifest. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Bytes of a request body, default 4 MiB. */
  readonly bodyLimit?: number | undefined;
  /** Says who calls, from verified credentials; default: what the server's own `auth` says. */
  readonly authenticate?: Authenticate | undefined;
  /** Value of `WWW-Authenticate` in a 401; default: what follows from the server's own `auth`, or `Bearer`. */
  readonly challenge?: string | undefined;
  /** Milliseconds that a client may take nothing of an answer before it is cut off, default 30,000. */
  readonly stallLimit?: number | undefined;
  /** For clients that send `Accept-Encoding`; `false` switches it off. Default: what the manifest says, or on. */
  readonly compression?: false | CompressionOptions | undefined;
}

export interface HttpService {
  /** Of the MCP endpoint. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets running calls end for at most `timeout` milliseconds (default 10,000), then closes the rest. */
  close(options?: { readonly timeout?: number }): Promise<void>;
}

/** Most connections at once; more are refused. */
const CONNECTION_LIMIT = 10_000;
/** The builtin by this call and not by `import`, which would load the whole fetch implementation with it. */
const http = (): typeof import('node:http') => process.getBuiltinModule('node:http');

/**
 * Serves MCP over Streamable HTTP, both eras on one endpoint, and `GET /healthz`.
 * @throws ServerError LISTEN_REFUSED, LISTEN_FAILED; TypeError for a challenge that no header can carry.
 */
export async function serveHttp(server: McpServer, options: HttpOptions = {}): Promise<HttpService> {
  const { host = '127.0.0.1', port = 3000, allowRemote = false, challenge } = options;
  if (!allowRemote && !isLoopback(host)) throw listenRefused(host);
  if (challenge !== undefined) http().validateHeaderValue('WWW-Authenticate', challenge);
  const handler = new HttpHandler(server, options);
  const listener = http().createServer(
    {
      headersTimeout: 5000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 5000,
      maxHeaderSize: 16 * 1024,
    },
    (request: IncomingMessage, response: ServerResponse) => handler.handle(request, response),
  );
  listener.maxConnections = CONNECTION_LIMIT;
  await handler.prepare();
  const address = await listen(listener, host, port);
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const url = `http://${name}:${address.port}${handler.path}`;
  server.onEvent?.({ type: 'listening', url });
  scheduleWarmUp(server);
  return { url, port: address.port, close: ({ timeout = 10_000 } = {}) => drain(listener, handler, timeout) };
}

function listen(listener: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    listener.once('error', (cause) => reject(listenFailed(host, port, cause)));
    listener.listen(port, host, () => {
      const address = listener.address();
      if (typeof address === 'object' && address !== null) resolve(address);
    });
  });
}

async function drain(listener: Server, handler: HttpHandler, timeout: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    listener.close(() => resolve());
  });
  handler.drain();
  listener.closeIdleConnections();
  const timer = setTimeout(() => listener.closeAllConnections(), timeout);
  await closed;
  clearTimeout(timer);
}
