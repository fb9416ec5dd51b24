import { isFields } from '../protocol/message.ts';
import { safeError } from '../protocol/telling-message.ts';
import { sizeProblem } from './result-size.ts';

/** Why a handler's return value cannot be sent, as an end of a sentence that begins with the tool's name. */
export class ResultProblem extends Error {}

export interface ResultOptions {
  /** What closes the result: see `Incoming.resultTail`. */
  readonly tail: string;
  /** The tool has an output schema, so its value is sent as `structuredContent` too. */
  readonly structured: boolean;
  /** Revisions before 2026-07-28 take objects only. */
  readonly objectsOnly: boolean;
  /** Bytes. */
  readonly limit: number;
}

/**
 * The JSON of a `CallToolResult`: a string becomes text, an object with `content` is taken as it is, any other value is
 * sent as JSON.
 * @throws ResultProblem for values that JSON cannot hold and for results past the limit.
 */
export function toolResultJson(value: unknown, options: ResultOptions): string {
  const json = isToolResult(value) ? ownResult(value, options) : valueResult(value, options);
  const problem = sizeProblem(json, options.limit);
  if (problem !== undefined) throw new ResultProblem(problem);
  return json;
}

const ERROR_LIMIT = 4096;

/** The JSON of a `CallToolResult` that says in one text what went wrong. */
export function errorResultJson(message: string, tail: string): string {
  return `{"content":[${errorContent(message)}],"isError":true${tail}`;
}

/** The item of `content` that says what went wrong. */
export function errorContent(message: string): string {
  const text = message.length > ERROR_LIMIT ? `${message.slice(0, ERROR_LIMIT)}…` : message;
  return `{"type":"text","text":${JSON.stringify(text)}}`;
}

function valueResult(value: unknown, { tail, structured, objectsOnly }: ResultOptions): string {
  if (typeof value === 'string' && !structured) {
    return `{"content":[{"type":"text","text":${JSON.stringify(value)}}]${tail}`;
  }
  const json = toJson(value);
  const text = JSON.stringify(typeof value === 'string' ? value : json);
  const sent = structured && (!objectsOnly || isFields(value));
  return `{"content":[{"type":"text","text":${text}}]${sent ? `,"structuredContent":${json}` : ''}${tail}`;
}

function ownResult(result: OwnResult, { tail, objectsOnly }: ResultOptions): string {
  const { content, structuredContent, isError, _meta } = result;
  checkContent(content);
  let json = `{"content":${toJson(content)}`;
  if (structuredContent !== undefined && (!objectsOnly || isFields(structuredContent))) {
    json += `,"structuredContent":${toJson(structuredContent)}`;
  }
  if (isError === true) json += ',"isError":true';
  return json + (isFields(_meta) ? withMeta(_meta, tail) : tail);
}

/** @throws ResultProblem */
export function checkContent(content: readonly unknown[]): void {
  const block = content.findIndex((item) => !isFields(item) || typeof item.type !== 'string');
  if (block !== -1) throw new ResultProblem(`returned content whose item ${block} has no "type"`);
}

export type OwnResult = {
  readonly content: readonly unknown[];
  readonly structuredContent?: unknown;
  readonly isError?: unknown;
  readonly _meta?: unknown;
};

/** The protocol's own form, which is taken as it is. */
export function isToolResult(value: unknown): value is OwnResult {
  return isFields(value) && Array.isArray(value.content);
}

/** Joins an author's `_meta` with the one that the tail holds; the protocol's own keys win. */
export function withMeta(meta: object, tail: string): string {
  const { _meta, ...rest } = JSON.parse(`{"tail":0${tail}`) as Record<string, unknown>;
  const { tail: _tail, ...fields } = rest;
  const json = toJson({ ...fields, _meta: { ...meta, ...(isFields(_meta) ? _meta : {}) } });
  return `,${json.slice(1)}`;
}

/** @throws ResultProblem for values that JSON cannot hold */
export function toJson(value: unknown): string {
  const json = jsonOf(value);
  if (json === undefined) throw new ResultProblem(`returned ${typeof value}: return a string, a JSON value or null`);
  return json;
}

/**
 * `undefined` for what is no JSON value at all.
 * @throws ResultProblem for values that JSON cannot hold
 */
export function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new ResultProblem(`returned a value that JSON cannot hold: ${whyNoJson(error)}`);
  }
}

function whyNoJson(thrown: unknown): string {
  const error = safeError(thrown);
  if (error instanceof RangeError) return /string length/.test(error.message) ? 'it is too long' : 'it nests too deep';
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('circular')) return 'it contains itself';
  return message.includes('BigInt') ? 'it contains a BigInt' : 'its toJSON method failed';
}
