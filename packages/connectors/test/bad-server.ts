import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that does as it is told, the next thing with each request, and the last one ever after. */
export interface BadServer extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** Connections that clients have opened so far. */
  readonly connections: number;
  does(...answers: readonly Answer[]): void;
}

export async function startBadServer(): Promise<BadServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let answers: readonly Answer[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    request.on('error', () => {});
    for await (const chunk of request) body += String(chunk);
    received.push({ method: String(request.method), url: String(request.url), headers: request.headers, body });
    const [next = answers[0], ...rest] = answers;
    if (rest.length > 0) answers = rest;
    next?.(request, response, body);
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    get connections() {
      return connections;
    },
    does: (...next) => {
      answers = next;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(code, headers).end();

/** Ends the connection without an answer. */
export const reset: Answer = (request) => void request.socket.destroy();

/** Ends the connection in the middle of the answer. */
export const resetHalfway: Answer = (request, response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{"half":', () => request.socket.destroy());
};

/** Never answers. */
export const hang: Answer = () => {};

/** Sends so many bytes, without saying beforehand how many, until nobody listens. */
export const flood =
  (bytes: number, onSent: (bytes: number) => void = () => {}): Answer =>
  (_request, response) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let left = bytes;
    const more = () => {
      while (left > 0 && !response.destroyed) {
        left -= chunk.length;
        onSent(chunk.length);
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    response.on('error', () => {});
    more();
  };
