import type { ServerResponse } from 'node:http';
import { endEvents, STALL_LIMIT } from './end-response.ts';
import type { EventOutput } from './event-output.ts';
import type { StreamedAnswer } from './streamed-answer.ts';

export interface SendPartsOptions {
  /** Where the parts are written: the response, or what compresses them on their way to it. */
  readonly output: EventOutput;
  /** The parts make one server-sent event, and not the body. */
  readonly isEvent: boolean;
  /** Milliseconds that a reader may take nothing before it is cut off. */
  readonly stallLimit?: number | undefined;
}

/** Sends an answer as it is made, and ends the response. A reader that leaves or takes nothing stops it. */
export async function sendParts(
  response: ServerResponse,
  answer: StreamedAnswer,
  { output, isEvent, stallLimit = STALL_LIMIT }: SendPartsOptions,
): Promise<void> {
  if (isEvent) output.write('event: message\ndata: ');
  for (;;) {
    const part = await answer.next();
    if (part === undefined || response.destroyed) break;
    await write(response, output, { part, stallLimit });
  }
  if (response.destroyed) answer.stop();
  else endEvents(response, output, { last: isEvent ? '\n\n' : '', stallLimit });
}

/** Settles when the part was taken, or never will be. As long as a slow reader takes something, its socket is not idle. */
async function write(
  response: ServerResponse,
  output: EventOutput,
  { part, stallLimit }: { readonly part: Uint8Array; readonly stallLimit: number },
): Promise<void> {
  response.setTimeout(stallLimit);
  await new Promise<void>((resolve) => {
    const taken = (): void => {
      response.off('close', taken);
      resolve();
    };
    response.once('close', taken);
    output.write(part, taken);
  });
  response.setTimeout(0);
}
