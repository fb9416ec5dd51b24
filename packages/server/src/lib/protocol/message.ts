import { type MaybeId, quote, type Refusal, type RequestId, refuse } from './answer.ts';
import { INVALID_REQUEST } from './protocol.ts';

/** Parsed JSON that was found to be an object. Keys are as hostile as the sender: look them up, never walk a prototype. */
export type Fields = { readonly [key: string]: unknown };

export interface RequestMessage {
  readonly id: RequestId;
  readonly method: string;
  readonly params: Fields | undefined;
}

export interface NotificationMessage {
  readonly method: string;
  readonly params: Fields | undefined;
}

/** What a client of the 2025 era answers to a request of ours. */
export interface ResponseMessage {
  readonly id: RequestId;
  readonly result?: unknown;
  readonly error?: unknown;
}

const ID_LIMIT = 1024;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' ? value.length <= ID_LIMIT : Number.isSafeInteger(value);
}

/** The id to name in a refusal, if the message has a usable one. */
export function idOf(message: unknown): MaybeId {
  return isFields(message) && isRequestId(message.id) ? message.id : undefined;
}

export function isRequest(message: Fields): message is Fields & RequestMessage {
  return isRequestId(message.id) && isCall(message);
}

export function isNotification(message: Fields): message is Fields & NotificationMessage {
  return message.id === undefined && isCall(message);
}

export function isResponse(message: Fields): message is Fields & ResponseMessage {
  if (message.jsonrpc !== '2.0' || message.method !== undefined || !isRequestId(message.id)) return false;
  return (message.result === undefined) !== (message.error === undefined);
}

function isCall(message: Fields): boolean {
  const params = message.params;
  return (
    message.jsonrpc === '2.0' &&
    typeof message.method === 'string' &&
    (params === undefined || isFields(params)) &&
    message.result === undefined &&
    message.error === undefined
  );
}

/** Says in one sentence why a value is no request, notification or response. */
export function refuseMessage(message: unknown): Refusal {
  const id = idOf(message);
  return refuse(id, 400, INVALID_REQUEST, `Invalid request: ${whyNoMessage(message)}`);
}

function whyNoMessage(message: unknown): string {
  if (Array.isArray(message)) return 'batches left the protocol in revision 2025-06-18';
  if (!isFields(message)) return 'a JSON-RPC message is a JSON object';
  if (message.jsonrpc !== '2.0') return `"jsonrpc" must be "2.0", not ${quote(message.jsonrpc)}`;
  if (message.id !== undefined && !isRequestId(message.id)) {
    return `"id" must be an integer or a string of at most ${ID_LIMIT} characters`;
  }
  if (message.method === undefined) return 'it has neither a "method" nor one of "result" and "error"';
  if (typeof message.method !== 'string') return '"method" must be a string';
  if (message.result !== undefined || message.error !== undefined) {
    return 'it has a "method" and a "result" or "error"';
  }
  return '"params" must be an object';
}
