import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticate } from './http-handler.ts';
import type { McpServer } from './mcp-server.ts';
import { metricsText } from './metrics-text.ts';
import { refuseHttp } from './refuse-http.ts';

export interface MetricsAccess {
  /** Who may call tools may read; without it, whoever reaches the server. */
  readonly authenticate: Authenticate | undefined;
  readonly challenge: string;
}

/** Answers `GET /metrics` of a server that counts. */
export async function answerMetrics(
  server: McpServer,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  { authenticate, challenge }: MetricsAccess,
): Promise<void> {
  if (request.method !== 'GET') {
    refuseHttp(request, response, 405, 'Method not allowed', ['Allow', 'GET']);
  } else if (!(await isAllowed(server, request, authenticate))) {
    refuseHttp(request, response, 401, 'No valid credentials', ['WWW-Authenticate', challenge]);
  } else {
    const text = server.metrics === undefined ? '' : metricsText(server.metrics.snapshot());
    const type = 'text/plain; version=0.0.4; charset=utf-8';
    response.writeHead(200, ['Content-Type', type, 'Content-Length', String(Buffer.byteLength(text))]);
    response.end(text);
  }
}

async function isAllowed(
  { onEvent }: McpServer,
  { headers }: IncomingMessage,
  authenticate: Authenticate | undefined,
): Promise<boolean> {
  if (authenticate === undefined) return true;
  try {
    return (await authenticate({ headers })) !== undefined;
  } catch (error) {
    onEvent?.({ type: 'handler-failed', what: 'authenticate', error });
    return false;
  }
}
