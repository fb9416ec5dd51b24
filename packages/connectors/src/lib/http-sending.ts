import type { HttpMethod, HttpRequest, HttpSettings } from './http.ts';
import { resolveTarget } from './http-target.ts';

/** One request on its way: the first address, or where a redirect led. */
export interface Sending {
  readonly method: HttpMethod;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | undefined;
  readonly isIdempotent: boolean;
}

const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
/** @throws {ConnectorError} REQUEST_REFUSED. */
export async function prepareSending(
  { base, headers }: Pick<HttpSettings, 'base' | 'headers'>,
  { method, path, request }: { readonly method: HttpMethod; readonly path: string; readonly request: HttpRequest },
): Promise<Sending> {
  const target = resolveTarget(base, path, request.query);
  const { idempotencyKey, json } = request;
  const own = typeof headers === 'function' ? await headers() : headers;
  return {
    method,
    target,
    headers: {
      ...lowerCase(own),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...lowerCase(request.headers ?? {}),
    },
    body: json === undefined ? request.body : JSON.stringify(json),
    isIdempotent: idempotent.has(method) || idempotencyKey !== undefined,
  };
}

/** As the fetch standard has it: 303, and 301 and 302 after a POST, lead to a GET; 307 and 308 to the same again. */
export function redirectSending(sending: Sending, status: number): Sending {
  const isOther = status === 303 ? sending.method !== 'HEAD' : status < 303 && sending.method === 'POST';
  if (!isOther) return sending;
  const { 'content-type': _type, 'content-length': _length, ...headers } = sending.headers;
  return { ...sending, method: 'GET', headers, body: undefined, isIdempotent: true };
}

function lowerCase(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) all[name.toLowerCase()] = value;
  return all;
}
