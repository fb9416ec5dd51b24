import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../protocol/answer.ts';
import { INVALID_REQUEST } from '../protocol/protocol.ts';
import type { HttpExchange } from './http-exchange.ts';

const NO_HEADERS: readonly string[] = [];

/** Refuses before the body was read: what the client still sends is not waited for. */
export function refuseHttp(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  headers: readonly string[] = NO_HEADERS,
): void {
  const { json } = refuse(undefined, status, INVALID_REQUEST, message);
  if (!request.complete) response.shouldKeepAlive = false;
  response.writeHead(status, ['Content-Type', 'application/json', 'Content-Length', String(json.length), ...headers]);
  response.end(json);
}

/** Web pages that may read answers may read this one too. */
export function refuseExchange(
  { request, response, extraHeaders }: HttpExchange,
  status: number,
  message: string,
  headers: readonly string[] = NO_HEADERS,
): void {
  refuseHttp(request, response, status, message, [...headers, ...extraHeaders]);
}
