import type { ReadyMessage } from '../catalogue/ready-result.ts';
import type { JsonValue } from './json.ts';
import type { StreamedAnswer } from './streamed-answer.ts';

export type RequestId = string | number;

/**
 * A JSON-RPC message to be sent: text, a message made before, or parts that are made while they are sent, for exchanges that
 * take them. `undefined` where nothing is to be sent.
 */
export type Answer = string | ReadyMessage | Refusal | StreamedAnswer | undefined;

/** A JSON-RPC error and the HTTP status that goes with it. */
export class Refusal {
  readonly status: number;
  readonly code: number;
  /** The whole JSON-RPC message. */
  readonly json: string;

  constructor(status: number, code: number, json: string) {
    this.status = status;
    this.code = code;
    this.json = json;
  }
}

/** Names the request a refusal belongs to; absent where its id could not be read. */
export type MaybeId = RequestId | undefined;

/**
 * A refusal with one sentence.
 * @param status the HTTP status; stdio ignores it.
 */
export function refuse(id: MaybeId, status: number, code: number, message: string, data?: JsonValue): Refusal {
  const error = data === undefined ? { code, message } : { code, message, data };
  const head = id === undefined ? '{"jsonrpc":"2.0",' : `{"jsonrpc":"2.0","id":${idJson(id)},`;
  return new Refusal(status, code, `${head}"error":${JSON.stringify(error)}}`);
}

export function idJson(id: RequestId): string {
  return typeof id === 'string' ? JSON.stringify(id) : String(id);
}

/** The message up to where its result begins; the result and one more `}` follow. */
export function resultHead(id: RequestId): string {
  return typeof id === 'string'
    ? `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`
    : `{"jsonrpc":"2.0","id":${id},"result":`;
}

const QUOTE_LIMIT = 64;

/** Input as it may appear in a message: cut at 64 characters, in quotes, control characters escaped. */
export function quote(value: unknown): string {
  if (typeof value !== 'string') return value === undefined ? 'nothing' : `a value of type ${typeName(value)}`;
  const cut = value.length > QUOTE_LIMIT ? `${value.slice(0, QUOTE_LIMIT).replace(/[\uD800-\uDBFF]$/, '')}…` : value;
  return JSON.stringify(cut);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
