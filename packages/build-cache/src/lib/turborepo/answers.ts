import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { codeOf, messageOf } from '../errors.ts';
import type { ShelvedArtifact } from './artifact-shelf.ts';
import { BodyTooLarge, discardBody } from './request-body.ts';

/** A request that was not answered as its client wished; misses are none. */
export interface TurborepoServerEvent {
  /** `failed` is the server's own trouble. */
  readonly type: 'refused' | 'failed';
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** 499: the client left before the end. */
  readonly status: number;
  readonly message: string;
}

/** Why a request is not done. */
export class Refusal extends Error {
  readonly status: number;
  /** As turbo reads it: `forbidden`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Bytes of an unwanted body that are read all the same, so that the client hears the answer. */
const MAX_UNWANTED = 8 * 1024 * 1024;

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = Buffer.from(JSON.stringify(value));
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...headers })
    .end(body);
}

export function sendMiss(response: ServerResponse): void {
  sendJson(response, 404, errorBody('not_found', 'There is no such artifact'));
}

export function artifactHeaders({ size, duration, headers }: ShelvedArtifact): OutgoingHttpHeaders {
  return {
    'content-type': 'application/octet-stream',
    'content-length': size,
    'x-artifact-duration': Math.round(duration),
    ...headers,
  };
}

/** Answers a request that could not be done, and says what there is to tell of it. */
export async function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): Promise<TurborepoServerEvent> {
  const { status, code, message } = refusalOf(error);
  if (response.headersSent || response.destroyed) {
    // Half an artifact: the client sees that it is not whole.
    response.destroy();
  } else {
    await discardBody(request, MAX_UNWANTED).catch(() => undefined);
    sendJson(response, status, errorBody(code, message), { connection: 'close' });
  }
  const path = (request.url ?? '').split('?', 1)[0]?.slice(0, 200) ?? '';
  return { type: status < 500 ? 'refused' : 'failed', method: request.method ?? '', path, status, message };
}

/** What a client that went away leaves behind, on one side or the other. */
const GONE = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BodyTooLarge) return new Refusal(413, 'too_large', error.message);
  if (GONE.has(codeOf(error) ?? '')) return new Refusal(499, 'gone', 'the client left before the end');
  return new Refusal(500, 'internal', messageOf(error));
}

/** What turbo reads. */
function errorBody(code: string, message: string): object {
  return { error: { code, message } };
}
