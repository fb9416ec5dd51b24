import { type McpCall, writeMessage } from './mcp-request.ts';
import type { ServerProcess } from './server-process.ts';

export interface StdioJob {
  readonly requests: number;
  /** Requests on their way at once. */
  readonly window: number;
  readonly call: McpCall;
}

/** Sends requests over a server's standard input and waits for an answer to each. Returns milliseconds. */
export async function runStdioLoad(server: ServerProcess, { requests, window, call }: StdioJob): Promise<number> {
  let answered = 0;
  let sent = 0;
  const send = (count: number) => {
    let lines = '';
    for (; count > 0 && sent < requests; count -= 1) {
      sent += 1;
      lines += `${writeMessage(call, sent)}\n`;
    }
    if (lines !== '') server.stdin.write(lines);
  };
  const done = new Promise<void>((resolve) => {
    const onData = (chunk: Buffer) => {
      const lines = countLines(chunk);
      answered += lines;
      send(lines);
      if (answered < requests) return;
      server.stdout.off('data', onData);
      resolve();
    };
    server.stdout.on('data', onData);
  });
  const started = performance.now();
  send(window);
  await done;
  return performance.now() - started;
}

/** Sends one request and returns its answer. */
export async function askOverStdio(server: ServerProcess, call: McpCall): Promise<string> {
  server.stdin.write(`${writeMessage(call, 1)}\n`);
  const chunks: Buffer[] = [];
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    if (chunk.at(-1) === 10) resolve();
  };
  server.stdout.on('data', onData);
  await answered;
  server.stdout.off('data', onData);
  return String(Buffer.concat(chunks)).trimEnd();
}

function countLines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count += 1;
  return count;
}
