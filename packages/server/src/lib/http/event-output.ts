import type { AnswerCompression, Asked } from './answer-compression.ts';

/** Where events or the parts of a body go: a response itself, or one behind a compressor. */
export interface EventOutput {
  /** Bytes that were written and not yet taken. */
  readonly writableLength: number;
  /** @param taken called when there is room for more. */
  write(text: string | Uint8Array, taken?: () => void): unknown;
  end(text: string): unknown;
}

/** Begins the response that is a stream of events. */
export function openEvents(
  asked: Asked,
  headers: readonly string[],
  compression: AnswerCompression | undefined,
): EventOutput {
  const { response } = asked;
  const encoded = compression?.openEvents(asked);
  response.writeHead(200, [
    'Content-Type',
    'text/event-stream',
    'Cache-Control',
    'no-cache',
    'X-Accel-Buffering',
    'no',
    ...(compression?.coversStreams(asked.caller) === true ? ['Vary', 'Accept-Encoding'] : []),
    ...(encoded === undefined ? [] : ['Content-Encoding', encoded.encoding]),
    ...headers,
  ]);
  return encoded?.output ?? response;
}
