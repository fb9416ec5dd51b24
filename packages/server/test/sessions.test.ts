import { defineTool } from '@mcpgen/server';
import { createServer, type McpServerOptions } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { type Running, running, textOf } from './running.ts';
import { send, type WireAnswer } from './wire.ts';

const info = { name: 'test', version: '1.0.0' };
const plain = { echo: defineTool({ handler: () => 'hi' }) };
const asking = {
  ...plain,
  ask: defineTool({ uses: ['roots'], handler: async (_input, { roots }) => JSON.stringify(await roots()) }),
};

function post({ url }: Running, message: unknown, headers: Record<string, string> = {}): Promise<WireAnswer> {
  return send(url, { body: JSON.stringify(message), headers });
}

function initialize(it: Running, headers: Record<string, string> = {}, version = '2025-11-25'): Promise<WireAnswer> {
  const params = { protocolVersion: version, capabilities: { roots: {} }, clientInfo: { name: 'a', version: '1' } };
  return post(it, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, headers);
}

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

function start(tools: Parameters<typeof createServer>[0]['tools'] = asking, options: McpServerOptions = {}, http = {}) {
  return running(createServer({ info, tools: tools ?? {} }, options), http);
}

async function session(
  it: Running,
  headers: Record<string, string> = {},
  version?: string,
): Promise<Record<string, string>> {
  const answer = await initialize(it, headers, version);
  return { ...headers, 'mcp-session-id': String(answer.headers['mcp-session-id']) };
}

describe('the 2025 era without sessions', () => {
  it.each([
    ['2025-11-25', '2025-11-25'],
    ['2025-06-18', '2025-06-18'],
    ['2025-03-26', '2025-03-26'],
    ['2024-11-05', '2024-11-05'],
    ['1999-01-01', '2025-11-25'],
  ])('answers initialize of %s with %s and mints no session', async (asked, given) => {
    await using it = await start(plain);
    const answer = await initialize(it, {}, asked);
    expect(answer.json?.result).toMatchObject({ protocolVersion: given, serverInfo: info });
    expect(answer.headers['mcp-session-id']).toBeUndefined();
  });

  it('serves calls without the fields of 2026', async () => {
    await using it = await start(plain);
    const answer = await post(it, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo' } });
    expect(answer.json).toEqual({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: 'hi' }] } });
  });

  it('answers notifications with 202 and GET with 405', async () => {
    await using it = await start(plain);
    const answer = await post(it, { jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect((await send(it.url, { method: 'GET' })).status).toBe(405);
  });

  it('answers a batch of 2025-03-26 in one list', async () => {
    await using it = await start(plain);
    const answer = await post(it, [
      ping,
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { ...ping, id: 2 },
      1,
    ]);
    expect(JSON.parse(answer.text)).toMatchObject([
      { id: 1, result: {} },
      { id: 2, result: {} },
      { error: { code: -32600 } },
    ]);
  });

  it('hides output schemas that clients of 2025 do not know', async () => {
    const tools = { list: defineTool({ output: { type: 'array' }, handler: () => [1] }) };
    await using it = await start(tools);
    const answer = await post(it, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(answer.text).not.toContain('outputSchema');
  });
});

describe('a session', () => {
  it('carries questions and answers', async () => {
    await using it = await start();
    const headers = await session(it);
    const answer = send(it.url, {
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'ask' } }),
    });
    await answerWhenAsked(it, headers, answer);
    expect(textOf(await answer)).toBe('[]');
  });

  it('belongs to the user that began it', async () => {
    const authenticate = ({ headers }: { headers: { authorization?: string | undefined } }) =>
      headers.authorization === undefined ? undefined : { issuer: 'i', subject: headers.authorization, scopes: [] };
    await using it = await start(asking, {}, { authenticate });
    const alice = await session(it, { authorization: 'alice' });
    expect((await post(it, ping, alice)).status).toBe(200);
    expect((await post(it, ping, { ...alice, authorization: 'mallory' })).status).toBe(404);
    expect((await send(it.url, { method: 'DELETE', headers: { ...alice, authorization: 'mallory' } })).status).toBe(
      404,
    );
    expect((await post(it, ping, { 'mcp-session-id': alice['mcp-session-id'] ?? '' })).status).toBe(401);
  });

  it('ends when its client ends it', async () => {
    await using it = await start();
    const headers = await session(it);
    expect((await send(it.url, { method: 'DELETE', headers })).status).toBe(204);
    expect((await post(it, ping, headers)).status).toBe(404);
  });

  it('ends after half an hour without use', async () => {
    let now = 0;
    await using it = await start(asking, { wallClock: () => now });
    const headers = await session(it);
    now += 30 * 60 * 1000;
    expect((await post(it, ping, headers)).status).toBe(200);
    now += 30 * 60 * 1000 + 1;
    expect((await post(it, ping, headers)).status).toBe(404);
  });

  it('makes room for another when there are 1,000', async () => {
    await using it = await start();
    const oldest = await session(it);
    const used = await session(it);
    for (let count = 2; count < 1000; count++) await initialize(it);
    await post(it, ping, used);
    await initialize(it);
    await initialize(it);
    expect((await post(it, ping, oldest)).status).toBe(404);
    expect((await post(it, ping, used)).status).toBe(200);
  });
});

/** The question's id is the server's first: answering it before it came is answering nothing. */
async function answerWhenAsked(it: Running, headers: Record<string, string>, call: Promise<WireAnswer>): Promise<void> {
  let answered = false;
  call.then(() => {
    answered = true;
  });
  while (!answered) await post(it, { jsonrpc: '2.0', id: 'server-1', result: { roots: [] } }, headers);
}

describe('a question', () => {
  it('does not cost the handler its time', async () => {
    const tools = {
      ask: defineTool({ deadline: 1, uses: ['roots'], handler: async (_input, { roots }) => (await roots()).length }),
    };
    await using it = await start(tools);
    const headers = await session(it);
    const body = JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'ask' } });
    const answer = send(it.url, { headers, body });
    await answerWhenAsked(it, headers, answer);
    expect(textOf(await answer)).toBe('0');
  });

  it.each<[string, (call: object) => unknown, Record<string, string>]>([
    ['a batch', (call) => [call], {}],
    ['a request that takes no events', (call) => call, { accept: 'application/json' }],
  ])('that %s cannot carry is an error at once', async (_what, message, more) => {
    await using it = await start();
    const headers = { ...(await session(it, {}, '2025-03-26')), ...more };
    const call = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'ask' } };
    const { text } = await post(it, message(call), headers);
    expect(text).toContain('asking the client for roots needs a session');
  });
});
