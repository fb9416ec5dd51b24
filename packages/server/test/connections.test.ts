import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { defineTool } from '@mcpgen/server';
import { createServer } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { running } from './running.ts';
import { META, modernRequest, send, type WireRequest } from './wire.ts';

const info = { name: 'test', version: '1.0.0' };

/** Sends a request on a connection that its client would keep. */
function keepingAlive(url: string, { method = 'POST', headers, body }: WireRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: true });
    const defaults = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const request = httpRequest(url, { method, agent, headers: { ...defaults, ...headers } as never }, resolve);
    request.on('error', reject);
    request.end(body);
  });
}

async function endOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

/** A tool that answers when it is told to. */
function waitingTool() {
  const { promise: began, resolve: begin } = Promise.withResolvers<void>();
  const { promise: finished, resolve: finish } = Promise.withResolvers<string>();
  const wait = defineTool({
    handler: (_input, { progress }) => {
      progress(1);
      begin();
      return finished;
    },
  });
  return { wait, began, finish: () => finish('done') };
}

describe('a server that stops', () => {
  it('closes the connections of requests that came before', async () => {
    const { wait, began, finish } = waitingTool();
    await using it = await running(createServer({ info, tools: { wait } }));
    const answer = keepingAlive(it.url, modernRequest('tools/call', { name: 'wait', arguments: {} }));
    await began;
    const closed = it.service.close({ timeout: 60_000 });
    finish();
    const response = await answer;
    expect(response.headers.connection).toBe('close');
    expect(await endOf(response)).toContain('done');
    await closed;
  });

  it('closes the connections of streams that were open', async () => {
    const { wait, began, finish } = waitingTool();
    await using it = await running(createServer({ info, tools: { wait } }));
    const params = { name: 'wait', arguments: {}, _meta: { ...META, progressToken: 1 } };
    const response = await keepingAlive(it.url, modernRequest('tools/call', params));
    await began;
    const ended = new Promise((resolve) => response.socket.once('close', resolve));
    const closed = it.service.close({ timeout: 60_000 });
    finish();
    expect(await endOf(response)).toContain('done');
    await closed;
    await ended;
  });
});

/** A client that sends a request and takes nothing of the answer. */
function stalled(port: number, { headers = {}, body = '' }: WireRequest): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      const lines = Object.entries({ host: 'localhost', 'content-type': 'application/json', ...headers });
      const head = [...lines, ['content-length', Buffer.byteLength(String(body))]].map(
        ([key, value]) => `${key}: ${value}`,
      );
      socket.write(`POST /mcp HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`);
      resolve(socket);
    });
    socket.pause();
  });
}

describe('a client that takes nothing of its answer', () => {
  it('is cut off', async () => {
    const large = 'x'.repeat(9 * 1024 * 1024);
    const { promise: began, resolve: begin } = Promise.withResolvers<void>();
    const handler = (): string => {
      begin();
      return large;
    };
    await using it = await running(createServer({ info, tools: { large: { handler } } }), { stallLimit: 100 });
    const socket = await stalled(it.service.port, modernRequest('tools/call', { name: 'large', arguments: {} }));
    let received = 0;
    socket.on('error', () => {});
    await began;
    // Closing without a limit of its own ends when the connection does, and that is the server's doing.
    await it.service.close({ timeout: 2 ** 31 - 1 });
    socket.on('data', (chunk) => {
      received += chunk.length;
    });
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await ended;
    expect(received).toBeLessThan(large.length);
  });
});

describe('the stream of a session', () => {
  it('ends for its reader when another takes its place', async () => {
    const ask = defineTool({ uses: ['roots'], handler: () => 1 });
    await using it = await running(createServer({ info, tools: { ask } }));
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: info };
    const begun = await send(it.url, { body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }) });
    const headers = { 'mcp-session-id': String(begun.headers['mcp-session-id']) };
    const old = await keepingAlive(it.url, { method: 'GET', headers });
    const ended = endOf(old);
    const other = await keepingAlive(it.url, { method: 'GET', headers });
    expect(await ended).toBe('');
    it.server.announce('tools');
    const [first] = await Promise.all([new Promise((resolve) => other.once('data', resolve))]);
    expect(String(first)).toContain('notifications/tools/list_changed');
    other.destroy();
  });
});

describe('a web page of an allowed origin', () => {
  const origin = 'https://app.example';
  const server = () => createServer({ info, tools: { echo: { handler: () => 'hi' } } });
  const request = modernRequest('tools/list');

  it.each([
    ['that nobody answers for', 401, { authenticate: () => undefined }, {}],
    ['with too large a body', 413, { bodyLimit: 1 }, {}],
    ['of another content type', 415, {}, { 'content-type': 'text/plain' }],
  ])('may read the refusal of a request %s', async (_what, status, http, headers) => {
    await using it = await running(server(), { allowedOrigins: [origin], ...http });
    const answer = await send(it.url, { ...request, headers: { ...request.headers, origin, ...headers } });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'Mcp-Session-Id, WWW-Authenticate',
    });
  });

  it('may send the headers that mirror arguments', async () => {
    await using it = await running(server(), { allowedOrigins: [origin] });
    const asked = 'content-type, mcp-param-city,Mcp-Param-Day, x-other, mcp-param-a b';
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': asked };
    const answer = await send(it.url, { method: 'OPTIONS', headers });
    const allowed = String(answer.headers['access-control-allow-headers']).split(', ');
    expect(allowed.slice(-2)).toEqual(['mcp-param-city', 'Mcp-Param-Day']);
    expect(allowed).toContain('Mcp-Method');
    expect(allowed).not.toContain('x-other');
  });
});
