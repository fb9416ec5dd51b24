import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Ticket } from './ticket.ts';

/** A ticket system for the check: pages of two, idempotent creation, and failures to order. */
export interface TicketApi extends AsyncDisposable {
  readonly url: string;
  /** The next requests are answered with these statuses instead. */
  fail(...statuses: readonly number[]): void;
  /** Puts the first two tickets back. */
  reset(): void;
}

const token = 'let-me-in';
const pageSize = 2;

export async function startTicketApi(): Promise<TicketApi> {
  const tickets = new Map<number, Ticket>();
  const created = new Map<string, Ticket>();
  const failures: number[] = [];
  const reset = (): void => {
    tickets.clear();
    tickets.set(1, { id: 1, title: 'Printer is out of toner', status: 'closed', priority: 'low' });
    tickets.set(2, { id: 2, title: 'Cannot log in', status: 'open', priority: 'high' });
    tickets.set(3, { id: 3, title: 'Desk lamp flickers', status: 'open', priority: 'normal' });
  };
  const create = (body: Pick<Ticket, 'title' | 'priority'>, key: string): Ticket => {
    const ticket = created.get(key) ?? {
      id: tickets.size + 1,
      title: body.title,
      status: 'open',
      priority: body.priority,
    };
    created.set(key, ticket);
    tickets.set(ticket.id, ticket);
    return ticket;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    if (request.headers.authorization !== `Bearer ${token}`) return send(response, 401, { message: 'Who are you?' });
    const created =
      request.method === 'POST' ? create(JSON.parse(body), String(request.headers['idempotency-key'])) : undefined;
    const failure = failures.shift();
    if (failure !== undefined) return send(response, failure, { message: 'Failing to order' });
    if (created?.title === 'forbidden') return send(response, 422, { message: 'the title is forbidden' });
    if (created !== undefined) return send(response, 201, created);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/tickets') return send(response, 200, pageOf([...tickets.values()].reverse(), searchParams));
    const ticket = tickets.get(Number(pathname.slice('/tickets/'.length)));
    return ticket === undefined ? send(response, 404, { message: 'no such ticket' }) : send(response, 200, ticket);
  };

  reset();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot listen on a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    fail: (...statuses) => void failures.push(...statuses),
    reset,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function pageOf(all: readonly Ticket[], query: URLSearchParams): { tickets: readonly Ticket[]; next?: string } {
  const status = query.get('status');
  const matching = all.filter((ticket) => status === null || ticket.status === status);
  const start = Number(query.get('after') ?? 0);
  const next = start + pageSize;
  return { tickets: matching.slice(start, next), ...(next < matching.length ? { next: String(next) } : {}) };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' }).end(JSON.stringify(body));
}
