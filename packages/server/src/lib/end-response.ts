import type { ServerResponse } from 'node:http';

/** A reader that takes nothing of an answer for this long is cut off, milliseconds. */
export const STALL_LIMIT = 30_000;

/** Ends a response. What its reader does not take at once, it must go on taking. */
export function endResponse(response: ServerResponse, body: string | Uint8Array, stallLimit = STALL_LIMIT): void {
  response.end(body);
  if (response.writableLength > 0) response.setTimeout(stallLimit, () => response.destroy());
}
