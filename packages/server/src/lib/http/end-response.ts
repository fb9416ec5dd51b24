import type { ServerResponse } from 'node:http';
import type { EventOutput } from './event-output.ts';

/** A reader that takes nothing of an answer for this long is cut off, milliseconds. */
export const STALL_LIMIT = 30_000;

/** Ends a response. What its reader does not take at once, it must go on taking. */
export function endResponse(response: ServerResponse, body: string | Uint8Array, stallLimit?: number): void {
  response.end(body);
  limitStall(response, response, stallLimit);
}

/** The same for a stream of events. */
export function endEvents(
  response: ServerResponse,
  output: EventOutput,
  { last = '', stallLimit }: { readonly last?: string; readonly stallLimit?: number | undefined } = {},
): void {
  output.end(last);
  limitStall(response, output, stallLimit);
}

function limitStall(
  response: ServerResponse,
  { writableLength }: Pick<EventOutput, 'writableLength'>,
  stallLimit = STALL_LIMIT,
): void {
  if (writableLength > 0) response.setTimeout(stallLimit, () => response.destroy());
}
