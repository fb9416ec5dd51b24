import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Incoming } from '../protocol/incoming.ts';
import { type Fields, isFields } from '../protocol/message.ts';

/** How long a client may take between two rounds. */
const STATE_LIFE = 15 * 60 * 1000;

/** One per process, for servers that are given no secret of their own. */
const PROCESS_SECRET = randomBytes(32);

/**
 * Seals what a client carries from one round of a request to the next: `payload.signature`, both base64url. The
 * signature covers the caller and the request, so the text is of no use to another user or for other arguments.
 */
export class RequestState {
  readonly #request: Incoming;
  readonly #bound: string;

  /** Made before the handler runs, which may change its arguments. */
  constructor(request: Incoming) {
    this.#request = request;
    this.#bound = JSON.stringify(['mcpgen-state-1', principal(request), digest(request)]);
  }

  seal(answers: Fields): string {
    const expires = this.#request.server.wallClock() + STATE_LIFE;
    const payload = Buffer.from(JSON.stringify({ answers, expires })).toString('base64url');
    return `${payload}.${this.#sign(payload)}`;
  }

  /** The answers inside, or nothing where the text was made by someone else, for something else, or too long ago. */
  open(state: string): Fields | undefined {
    const dot = state.indexOf('.');
    if (dot === -1 || !isSame(this.#sign(state.slice(0, dot)), state.slice(dot + 1))) return undefined;
    const value: unknown = JSON.parse(Buffer.from(state.slice(0, dot), 'base64url').toString());
    if (!isFields(value) || typeof value.expires !== 'number' || !isFields(value.answers)) return undefined;
    return value.expires >= this.#request.server.wallClock() ? value.answers : undefined;
  }

  #sign(payload: string): string {
    return createHmac('sha256', this.#request.server.stateSecret ?? PROCESS_SECRET)
      .update(this.#bound)
      .update(payload)
      .digest('base64url');
  }
}

function principal({ exchange: { caller } }: Incoming): string {
  return caller === undefined ? 'anonymous' : JSON.stringify([caller.issuer, caller.subject, caller.clientId ?? '']);
}

/** What of the request decides its outcome, whatever order its client writes keys in. */
function digest({ method, params }: Incoming): string {
  const { name, uri, arguments: input } = params;
  return createHash('sha256')
    .update(JSON.stringify([method, name, uri, input], sortKeys))
    .digest('base64url');
}

function sortKeys(_key: string, value: unknown): unknown {
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isSame(expected: string, found: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(found)];
  return one.length === other.length && timingSafeEqual(one, other);
}
