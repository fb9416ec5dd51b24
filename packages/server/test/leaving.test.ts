import { type ClientRequest, request as httpRequest } from 'node:http';
import { PassThrough } from 'node:stream';
import { defineConnector, definePrompt, defineResource, defineTool } from '@mcpgen/server';
import { createServer, type McpServer, type ServerEvent, serveStdio } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { type Running, running, textOf } from './running.ts';
import { modernMessage, modernRequest, send, type WireRequest } from './wire.ts';

const info = { name: 'test', version: '1.0.0' };
const never = (): Promise<never> => new Promise(() => {});

/** A connector that opens when it is told to. */
function slowConnector() {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: opened, resolve: open } = Promise.withResolvers<string>();
  const slow = defineConnector({
    open: () => {
      ask();
      return opened;
    },
  });
  return { slow, asked, open: () => open('open') };
}

/** Sends a request whose answer nobody reads. */
function begin({ url }: Running, { method = 'POST', headers, body }: WireRequest): ClientRequest {
  const request = httpRequest(url, { method, headers: { 'content-type': 'application/json', ...headers } });
  request.on('error', () => {});
  request.end(body);
  return request;
}

/** A client that has left is seen when another request comes through: both wait for the same connector. */
async function leave(request: ClientRequest): Promise<void> {
  const closed = new Promise((resolve) => request.once('close', resolve));
  request.destroy();
  await closed;
}

describe('a client that leaves while connectors open', () => {
  it.each([
    ['tool', modernRequest('tools/call', { name: 'it', arguments: {} })],
    ['resource', modernRequest('resources/read', { uri: 'it://it' })],
    ['prompt', modernRequest('prompts/get', { name: 'it' })],
  ])('does not have its %s run', async (_kind, request) => {
    const runs: string[] = [];
    const { slow, asked, open } = slowConnector();
    const connectors = { slow };
    const run = (): string => {
      runs.push('run');
      return 'it';
    };
    const server = createServer({
      info,
      tools: {
        it: defineTool({ connectors, handler: run }),
        other: defineTool({ connectors, handler: () => 'other' }),
      },
      resources: { it: defineResource({ uri: 'it://it', connectors, read: run }) },
      prompts: { it: definePrompt({ connectors, handler: run }) },
    });
    await using it = await running(server);
    const left = begin(it, request);
    await asked;
    await leave(left);
    const other = it.call('other');
    await send(it.url, { method: 'GET', path: '/healthz' });
    open();
    expect(textOf(await other)).toBe('other');
    expect(runs).toEqual([]);
  });
});

describe('a client that leaves while a schema takes its time', () => {
  it('does not have its tool run', async () => {
    const { promise: parsing, resolve: parse } = Promise.withResolvers<void>();
    const { promise: parsed, resolve: finish } = Promise.withResolvers<void>();
    const runs: string[] = [];
    const input = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value: unknown) => {
          parse();
          await parsed;
          return { value };
        },
        jsonSchema: { input: () => ({ type: 'object' }), output: () => ({ type: 'object' }) },
      },
    };
    const tool = defineTool({ input: input as never, handler: () => runs.push('run') });
    await using it = await running(createServer({ info, tools: { tool } }));
    const left = begin(it, modernRequest('tools/call', { name: 'tool', arguments: {} }));
    await parsing;
    await leave(left);
    await send(it.url, { method: 'GET', path: '/healthz' });
    finish();
    await send(it.url, modernRequest('tools/list'));
    expect(runs).toEqual([]);
  });
});

describe('a batch of the 2025 era', () => {
  it('is stopped when its client leaves', async () => {
    const { promise: began, resolve: start } = Promise.withResolvers<void>();
    const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
    const wait = defineTool({
      handler: (_input, { signal }) => {
        signal.addEventListener('abort', () => abort());
        start();
        return never();
      },
    });
    await using it = await running(createServer({ info, tools: { wait } }));
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'wait' } };
    const left = begin(it, { body: JSON.stringify([call]) });
    await began;
    await leave(left);
    await aborted;
  });
});

/** Messages of one chunk, and what the server wrote until its input ended. */
async function talk(server: McpServer, ...messages: readonly object[]): Promise<readonly unknown[]> {
  const input = new PassThrough();
  const output = new PassThrough();
  const service = serveStdio(server, { input, output });
  input.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  await service.ended;
  await server.close();
  const text = String(output.read() ?? '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}

const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };

describe('notifications/cancelled in one chunk with the request', () => {
  const tools = { tool: { handler: () => 'ran' } };

  it('opens no stream that listens', async () => {
    const listen = modernMessage('subscriptions/listen', { notifications: { toolsListChanged: true } });
    expect(await talk(createServer({ info, tools }), listen, cancel)).toEqual([]);
  });

  it.each([
    ['that asks its client', { uses: ['roots' as const] }, {}],
    ['whose connectors must be opened', { connectors: { one: defineConnector({ open: () => 1 }) } }, {}],
    ['that carries answers', {}, { inputResponses: {} }],
  ])('runs no tool %s', async (_what, more, params) => {
    const runs: string[] = [];
    const server = createServer({ info, tools: { tool: { ...more, handler: () => runs.push('run') } } });
    await server.catalogue.tool('tool')?.loaded.get();
    const call = modernMessage('tools/call', { name: 'tool', arguments: {}, ...params });
    expect(await talk(server, call, cancel)).toEqual([]);
    expect(runs).toEqual([]);
  });

  it('runs no tool of the 2025 era', async () => {
    const runs: string[] = [];
    const server = createServer({ info, tools: { tool: { handler: () => runs.push('run') } } });
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: info };
    const begin = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'tool' } };
    expect(await talk(server, begin, call, cancel)).toEqual([expect.objectContaining({ id: 0 })]);
    expect(runs).toEqual([]);
  });
});

describe('what fails around a request', () => {
  function failing(broken: { now: boolean }, events: ServerEvent[]): McpServer {
    const server = createServer(
      { info, tools: { ask: { uses: ['roots'], handler: () => 1 } } },
      { onEvent: (event) => events.push(event) },
    );
    const { traits, offers } = server.catalogue;
    const check = <T>(value: T): T => {
      if (broken.now) throw new Error('out of order');
      return value;
    };
    server.replace({
      ...server.catalogue,
      traits: () => check(traits()),
      get offers() {
        return check(offers);
      },
    });
    return server;
  }
  const ping = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'ask' } };

  it.each([
    ['a request of the 2025 era', { body: JSON.stringify(ping), headers: { 'mcp-session-id': 'a' } }],
    ['a request of 2026', modernRequest('tools/call', { name: 'ask' })],
    ['the stream of a session', { method: 'GET' }],
  ])('is told to the operator, and answered over HTTP: %s', async (_what, request) => {
    const broken = { now: false };
    const events: ServerEvent[] = [];
    await using it = await running(failing(broken, events));
    broken.now = true;
    const answer = await send(it.url, request);
    broken.now = false;
    expect([answer.status, answer.json?.error?.code]).toEqual([500, -32603]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'handler-failed', error: new Error('out of order') }),
    );
  });

  it('is told to the operator, and answered over stdio', async () => {
    const broken = { now: false };
    const events: ServerEvent[] = [];
    const server = failing(broken, events);
    broken.now = true;
    const [answer] = await talk(server, { ...ping, method: 'ping' });
    expect(answer).toMatchObject({ id: 1, error: { code: -32603 } });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'handler-failed', error: new Error('out of order') }),
    );
  });
});
