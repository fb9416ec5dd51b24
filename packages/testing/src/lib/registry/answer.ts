/** What a request gets, before faults change it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer with bytes, or with none. */
export function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: Buffer = Buffer.alloc(0),
): Answer {
  return { status, headers, body };
}

/** An answer with a JSON document. */
export function json(status: number, value: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return answer(status, { 'content-type': 'application/json', ...headers }, Buffer.from(JSON.stringify(value)));
}

/** An error in the form of the distribution specification. */
export function failure(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(status, { errors: [{ code, message, detail: null }] }, headers);
}
