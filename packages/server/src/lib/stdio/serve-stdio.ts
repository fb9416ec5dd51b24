import type { Readable, Writable } from 'node:stream';
import type { McpServer } from '../mcp-server.ts';
import { scheduleWarmUp } from '../warm-up.ts';
import { LineReader } from './line-reader.ts';
import { StdioConnection } from './stdio-connection.ts';

export interface StdioOptions {
  readonly input: Readable;
  readonly output: Writable;
}

export interface StdioService {
  /** Settles when the input has ended and running calls had a moment to answer. */
  readonly ended: Promise<void>;
  /** Takes nothing more and lets running calls end for at most `timeout` milliseconds (default 10,000). */
  close(options?: { readonly timeout?: number }): Promise<void>;
}

/** How long running calls may take after the input ended. */
const END_GRACE = 150;

/** Serves MCP over two streams, one message on each line, both eras. */
export function serveStdio(server: McpServer, { input, output }: StdioOptions): StdioService {
  const connection = new StdioConnection(server, output);
  const reader = new LineReader(
    (lines) => connection.receive(lines),
    (problem) => connection.refuseLine(problem),
  );
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      connection.close(END_GRACE).then(resolve);
    };
    input.on('data', (chunk: Buffer) => reader.push(chunk));
    for (const event of ['end', 'close', 'error']) input.once(event, end);
    output.once('error', end);
  });
  scheduleWarmUp(server);
  return { ended, close: ({ timeout = 10_000 } = {}) => connection.close(timeout) };
}
