import { type ChildProcess, spawn } from 'node:child_process';
import { type EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';

/** A running server, called through the official client. */
export interface Connection {
  call(tool: string, input?: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Tools of the server that `call` was never given. */
  uncalled(): readonly string[];
  /** What the server has written to stderr so far. */
  log(): string;
  /** Ends the server: rejects where it does not end by itself with exit code 0. */
  close(): Promise<void>;
}

/** What a tool gave back. */
export interface Answer {
  /** The text contents, joined. */
  readonly text: string;
  readonly structured: unknown;
  readonly isError: boolean;
  readonly content: readonly { readonly type: string; readonly [key: string]: unknown }[];
}

type Environment = Readonly<Record<string, string>>;

const info = { name: 'mcpgen-example-check', version: '1.0.0' };

/** Starts the server on a free port and speaks the protocol of 2026 with it. */
export async function connectHttp(main: string, env: Environment): Promise<Connection> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [main], {
    env: { ...getDefaultEnvironment(), ...env, PORT: String(port) },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const log = keepLog(child.stderr);
  await waitForServer(child, port);
  const client = new Client(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
  return connection(client, { log, stop: () => stop(child) });
}

/** Starts the server on stdin and stdout and speaks the protocol of 2025 with it. */
export async function connectStdio(main: string, env: Environment): Promise<Connection> {
  const client = new Client(info);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, '--stdio'],
    env: { ...getDefaultEnvironment(), ...env },
    stderr: 'pipe',
  });
  const log = keepLog(transport.stderr);
  await client.connect(transport);
  return connection(client, { log, stop: async () => {} });
}

/** Keeps what the server says to its operator, to be shown where a check fails. */
function keepLog(stderr: EventEmitter | null): () => string {
  const chunks: string[] = [];
  stderr?.on('data', (chunk: Buffer) => void chunks.push(chunk.toString()));
  return () => chunks.join('');
}

async function connection(
  client: Client,
  { log, stop }: { readonly log: () => string; readonly stop: () => Promise<void> },
): Promise<Connection> {
  const { tools } = await client.listTools();
  const uncalled = new Set(tools.map((tool) => tool.name));
  return {
    async call(tool, input = {}) {
      uncalled.delete(tool);
      const result = await client.callTool({ name: tool, arguments: { ...input } });
      const text = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
      const { content, structuredContent, isError = false } = result;
      return { text, structured: structuredContent, isError, content };
    },
    uncalled: () => [...uncalled],
    log,
    async close() {
      await client.close();
      await stop();
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) {
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
  }
  if (child.exitCode !== 0) throw new Error(`the server ended with ${child.exitCode ?? child.signalCode}`);
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port');
  return address.port;
}

async function waitForServer(child: ChildProcess, port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (child.exitCode !== null) throw new Error(`Cannot start the server: it ended with exit code ${child.exitCode}`);
    const isUp = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await setTimeout(20);
  }
  throw new Error('Cannot start the server: it did not listen within 10 s');
}
