import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuseHttp } from './refuse-http.ts';

/** Answers `GET /healthz`; nothing else lies beside the endpoint. */
export function answerHealth(request: IncomingMessage, response: ServerResponse): void {
  if (request.url !== '/healthz') refuseHttp(request, response, 404, 'Not found');
  else if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuseHttp(request, response, 405, 'Method not allowed', ['Allow', 'GET, HEAD']);
  } else {
    response.writeHead(200, ['Content-Type', 'text/plain', 'Content-Length', '3']);
    response.end('ok\n');
  }
}
