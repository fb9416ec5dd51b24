import type { ServerResponse } from 'node:http';
import { endResponse, STALL_LIMIT } from './end-response.ts';
import type { StreamedAnswer } from './streamed-answer.ts';

export interface SendPartsOptions {
  /** The parts make one server-sent event, and not the body. */
  readonly isEvent: boolean;
  /** Milliseconds that a reader may take nothing before it is cut off. */
  readonly stallLimit?: number | undefined;
}

/** Sends an answer as it is made, and ends the response. A reader that leaves or takes nothing stops it. */
export async function sendParts(
  response: ServerResponse,
  answer: StreamedAnswer,
  { isEvent, stallLimit = STALL_LIMIT }: SendPartsOptions,
): Promise<void> {
  if (isEvent) response.write('event: message\ndata: ');
  for (;;) {
    const part = await answer.next();
    if (part === undefined || response.destroyed) break;
    await write(response, part, stallLimit);
  }
  if (response.destroyed) answer.stop();
  else endResponse(response, isEvent ? '\n\n' : '', stallLimit);
}

/** Settles when the part was taken, or never will be. As long as a slow reader takes something, its socket is not idle. */
async function write(response: ServerResponse, part: Uint8Array, stallLimit: number): Promise<void> {
  response.setTimeout(stallLimit);
  await new Promise<void>((resolve) => {
    const taken = (): void => {
      response.off('close', taken);
      resolve();
    };
    response.once('close', taken);
    response.write(part, taken);
  });
  response.setTimeout(0);
}
