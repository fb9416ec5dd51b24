import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** How one variant of a server is started: arguments for Node, and what it finds in its environment. */
export interface ServerCommand {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ServerProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** When it was started, by `performance.now`. */
  readonly started: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  stop(): Promise<void>;
}

export interface HttpServerProcess extends ServerProcess {
  readonly port: number;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts a server that speaks over stdio. */
export function startProcess(command: ServerCommand): ServerProcess {
  const started = performance.now();
  const child: Child = spawn(process.execPath, [...command.argv], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...command.env },
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (!stopping) throw new Error(`Server "${command.name}" ended by itself (${code ?? signal}): ${complaint}`);
  });
  if (child.pid === undefined) throw new Error(`Cannot start server "${command.name}"`);
  const stop = async () => {
    stopping = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const { pid, stdin, stdout } = child;
  return { name: command.name, pid, started, stdin, stdout, stop, [Symbol.asyncDispose]: stop };
}

/** Starts a server that listens on `PORT` of loopback; it may not listen yet when this returns. */
export async function startHttpProcess(command: ServerCommand): Promise<HttpServerProcess> {
  const port = await findFreePort();
  const server = startProcess({ ...command, env: { ...command.env, PORT: String(port), HOST: '127.0.0.1' } });
  return { ...server, port };
}

/** A port of loopback that nobody listens on now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port');
  return address.port;
}
