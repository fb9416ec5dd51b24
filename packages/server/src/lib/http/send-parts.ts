import type { ServerResponse } from 'node:http';
import type { StreamedAnswer } from '../protocol/streamed-answer.ts';
import type { AnswerCompression } from './answer-compression.ts';
import { endEvents, STALL_LIMIT } from './end-response.ts';
import type { EventOutput } from './event-output.ts';
import type { HttpExchange } from './http-exchange.ts';

export interface SendPartsOptions {
  /** Where the parts make one server-sent event, and not the body. */
  readonly events: EventOutput | undefined;
  readonly compression: AnswerCompression | undefined;
  /** Milliseconds that a reader may take nothing before it is cut off. */
  readonly stallLimit?: number | undefined;
}

/** Sends an answer as it is made, and ends the response. A reader that leaves or takes nothing stops it. */
export async function sendParts(
  exchange: HttpExchange,
  answer: StreamedAnswer,
  { events, compression, stallLimit = STALL_LIMIT }: SendPartsOptions,
): Promise<void> {
  const { response, request, lifetime } = exchange;
  const output = events ?? (await openBody(exchange, compression));
  if (events !== undefined) output.write('event: message\ndata: ');
  for (;;) {
    const part = await answer.next();
    if (part === undefined || response.destroyed) break;
    await write(response, output, { part, stallLimit });
  }
  if (response.destroyed) answer.stop();
  else endEvents(response, output, { last: events === undefined ? '' : '\n\n', stallLimit });
  if (lifetime.hasEnded) response.once('finish', () => request.socket.destroySoon());
}

/** Sends the head of a body whose length nobody knows yet. */
async function openBody(exchange: HttpExchange, compression: AnswerCompression | undefined): Promise<EventOutput> {
  const { response, lifetime, extraHeaders, request, caller } = exchange;
  const accept = request.headers['accept-encoding'];
  const varies = compression?.coversResults(caller) === true;
  const encoder = varies && accept !== undefined ? await compression.encoder.get() : undefined;
  const encoded = encoder?.openParts(accept, response);
  if (lifetime.hasEnded) response.shouldKeepAlive = false;
  response.writeHead(200, [
    'Content-Type',
    'application/json',
    ...(encoded === undefined ? [] : ['Content-Encoding', encoded.encoding]),
    ...(varies ? ['Vary', 'Accept-Encoding'] : []),
    ...extraHeaders,
  ]);
  return encoded?.output ?? response;
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
