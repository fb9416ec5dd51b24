import type { IncomingMessage, ServerResponse } from 'node:http';
import type { McpServer } from '../mcp-server.ts';
import { metricsText } from '../metrics/metrics-text.ts';
import type { HttpAuth } from './http-auth.ts';
import { refuseHttp } from './refuse-http.ts';

/** A request for something beside the endpoint. */
export interface SideRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly cors: readonly string[];
  readonly auth: HttpAuth;
}

/** Answers `GET /metrics` of a server that counts: who may call tools may read, and without `auth` whoever reaches it. */
export async function answerMetrics(server: McpServer, { request, response, cors, auth }: SideRequest): Promise<void> {
  const { current } = auth;
  if (request.method !== 'GET') {
    refuseHttp(request, response, 405, 'Method not allowed', ['Allow', 'GET', ...cors]);
  } else if (current !== undefined && (await auth.identify(current, request)) === undefined) {
    auth.refuse(request, response, cors);
  } else {
    const text = server.metrics === undefined ? '' : metricsText(server.metrics.snapshot());
    const type = 'text/plain; version=0.0.4; charset=utf-8';
    response.writeHead(200, ['Content-Type', type, 'Content-Length', String(Buffer.byteLength(text)), ...cors]);
    response.end(text);
  }
}
