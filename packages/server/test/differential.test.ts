import { createServer } from '@mcpgen/server/runtime';
import { createMcpHandler, fromJsonSchema, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, running } from './running.ts';
import { META, modernMessage, modernRequest, send, type WireMessage, type WireRequest } from './wire.ts';

const INFO = { name: 'same', version: '1.0.0' };
const ECHO = {
  type: 'object',
  properties: { text: { type: 'string' }, region: { type: 'string', 'x-mcp-header': 'Region' } },
  required: ['text'],
} as const;

/** The same server twice: ours over HTTP, and the official one as a fetch handler. */
let ours: Running;
const official = createMcpHandler(() => {
  const server = new McpServer(INFO, { capabilities: { logging: {} } });
  server.registerTool('echo', { inputSchema: fromJsonSchema<{ text: string }>(ECHO) }, ({ text }) => ({
    content: [{ type: 'text', text }],
  }));
  server.registerTool('fail', {}, () => {
    throw new Error('no');
  });
  server.registerResource('fixed', 'test://fixed', {}, () => ({ contents: [{ uri: 'test://fixed', text: 'fixed' }] }));
  server.registerResource('each', new ResourceTemplate('test://each/{id}', { list: undefined }), {}, (uri, { id }) => ({
    contents: [{ uri: uri.href, text: String(id) }],
  }));
  server.registerPrompt('hello', {}, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }],
  }));
  return server;
});

beforeAll(async () => {
  ours = await running(
    createServer({
      info: INFO,
      tools: {
        echo: { input: ECHO, handler: ({ text }: { text: string }) => text },
        fail: {
          handler: () => {
            throw new Error('no');
          },
        },
      },
      resources: {
        fixed: { uri: 'test://fixed', read: () => 'fixed' },
        each: { uriTemplate: 'test://each/{id}', read: ({ variables }) => String(variables.id) },
      },
      prompts: { hello: { handler: () => 'hello' } },
    }),
  );
});

afterAll(() => ours[Symbol.asyncDispose]());

interface Outcome {
  readonly status: number;
  readonly code: number | undefined;
  readonly id: unknown;
  readonly result: unknown;
}

async function askOurs(request: WireRequest): Promise<Outcome> {
  const { status, json } = await send(ours.url, request);
  return outcome(status, json);
}

async function askOfficial({ headers = {}, body, method = 'POST' }: WireRequest): Promise<Outcome> {
  const sent = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
  const entries = Object.entries(sent).filter(([, value]) => value !== undefined) as [string, string][];
  const init = { method, headers: Object.fromEntries(entries), ...(method === 'GET' ? {} : { body: body ?? '' }) };
  const response = await official.fetch(new Request('http://localhost/mcp', init as RequestInit));
  const text = await response.text();
  const data = /^data: (.+)$/m.exec(text)?.[1] ?? text;
  return outcome(response.status, data.startsWith('{') ? (JSON.parse(data) as WireMessage) : undefined);
}

function outcome(status: number, message: WireMessage | undefined): Outcome {
  return { status, code: message?.error?.code, id: message?.id ?? undefined, result: comparable(message?.result) };
}

/** What both must agree on: not how long lists may be cached, nor how a tool's failure is worded. */
function comparable(result: Record<string, unknown> | undefined): unknown {
  if (result === undefined) return undefined;
  const { ttlMs: _ttl, cacheScope: _scope, capabilities: _capabilities, tools, content, isError, ...rest } = result;
  const names = Array.isArray(tools) ? { tools: tools.map(({ name }: { name: string }) => name) } : {};
  return { ...rest, ...names, ...(isError === true ? { isError } : { content }) };
}

const call = (input: object, headers: WireRequest['headers'] = {}, name = 'echo'): WireRequest =>
  modernRequest('tools/call', { name, arguments: input }, headers);
const raw = (body: unknown, headers: WireRequest['headers'] = {}): WireRequest => ({
  headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const withMeta = (meta: object): WireRequest => raw(modernMessage('tools/list', { _meta: meta }));

const REQUESTS: readonly (readonly [what: string, request: WireRequest])[] = [
  ['discovers', modernRequest('server/discover')],
  ['lists tools', modernRequest('tools/list')],
  ['lists prompts', modernRequest('prompts/list')],
  ['calls', call({ text: 'hi' })],
  ['calls with text of many scripts', call({ text: 'ä世界🎉"\\\n' })],
  ['calls what fails', call({}, {}, 'fail')],
  ['calls with a wrong argument', call({ text: 1 })],
  ['calls without an argument', call({})],
  ['calls nothing', call({}, {}, 'nothing')],
  ['calls __proto__', call({}, {}, '__proto__')],
  ['mirrors an argument', call({ text: 'a', region: 'eu' }, { 'mcp-param-region': 'eu' })],
  ['mirrors it in Base64', call({ text: 'a', region: 'eu' }, { 'mcp-param-region': '=?base64?ZXU=?=' })],
  ['mirrors another', call({ text: 'a', region: 'eu' }, { 'mcp-param-region': 'us' })],
  ['mirrors none', call({ text: 'a', region: 'eu' })],
  ['names the tool in Base64', call({ text: 'a' }, { 'mcp-name': '=?base64?ZWNobw==?=' })],
  ['names another tool', call({ text: 'a' }, { 'mcp-name': 'fail' })],
  ['names no tool', call({ text: 'a' }, { 'mcp-name': undefined })],
  ['names the tool in bad Base64', call({ text: 'a' }, { 'mcp-name': '=?base64?%%?=' })],
  ['names another method', call({ text: 'a' }, { 'mcp-method': 'tools/list' })],
  ['names no method', call({ text: 'a' }, { 'mcp-method': undefined })],
  ['names no version', call({ text: 'a' }, { 'mcp-protocol-version': undefined })],
  ['names another version', call({ text: 'a' }, { 'mcp-protocol-version': '2025-11-25' })],
  ['reads', modernRequest('resources/read', { uri: 'test://fixed' })],
  ['reads by a template', modernRequest('resources/read', { uri: 'test://each/1' })],
  ['reads nothing', modernRequest('resources/read', { uri: 'test://nothing' })],
  ['reads without saying what', modernRequest('resources/read', {})],
  ['gets a prompt', modernRequest('prompts/get', { name: 'hello' })],
  ['gets no prompt', modernRequest('prompts/get', { name: 'nothing' })],
  ['asks for what is no method', modernRequest('nothing/here')],
  ['pings, which 2026 has not', modernRequest('ping')],
  ['sets a log level, which 2026 has not', modernRequest('logging/setLevel', { level: 'info' })],
  ['initializes in 2026', modernRequest('initialize')],
  ['has no _meta', raw({ jsonrpc: '2.0', id: 1, method: 'tools/list' })],
  ['has an empty _meta', withMeta({})],
  ['has no capabilities', withMeta({ 'io.modelcontextprotocol/protocolVersion': '2026-07-28' })],
  ['has capabilities that are text', withMeta({ ...META, 'io.modelcontextprotocol/clientCapabilities': 'a' })],
  ['has a client without a version', withMeta({ ...META, 'io.modelcontextprotocol/clientInfo': { name: 'a' } })],
  ['has a version that is a number', withMeta({ ...META, 'io.modelcontextprotocol/protocolVersion': 1 })],
  [
    'has a version that nobody knows',
    raw(modernMessage('tools/list', { _meta: { ...META, 'io.modelcontextprotocol/protocolVersion': '1900-01-01' } }), {
      'mcp-protocol-version': '1900-01-01',
    }),
  ],
  ['is no JSON', raw('{')],
  ['is empty', raw('')],
  ['is null', raw('null')],
  ['is a number', raw('1')],
  ['is an empty object', raw({})],
  ['is an empty list', raw([])],
  ['is a list', raw([modernMessage('tools/list')])],
  ['is JSON-RPC 1.0', raw({ ...modernMessage('tools/list'), jsonrpc: '1.0' })],
  ['has the id null', raw(modernMessage('tools/list', {}, null))],
  ['has an id with a fraction', raw(modernMessage('tools/list', {}, 1.5))],
  ['has text as its id', raw(modernMessage('tools/list', {}, 'a'))],
  ['has the id 0', raw(modernMessage('tools/list', {}, 0))],
  ['has params that are a list', raw({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: [] })],
  [
    'is a notification',
    raw(
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
      { 'mcp-method': 'notifications/cancelled' },
    ),
  ],
  ['is text/plain', call({ text: 'a' }, { 'content-type': 'text/plain' })],
  ['is JSON with a charset', call({ text: 'a' }, { 'content-type': 'application/json; charset=utf-8' })],
];

/** Where we answer otherwise, and why. `[official, ours]` as status and code. */
const DIFFERENCES: Readonly<Record<string, readonly [official: string, ours: string, why: string]>> = {
  'reads without saying what': ['200 -32603', '200 -32602', 'a request that lacks a parameter is no internal error'],
  'has an id with a fraction': [
    '400 -32600',
    '400 -32600',
    'the official server gives back an id that no request may have',
  ],
  'is text/plain': [
    '415 -32000',
    '415 -32600',
    '"new implementations SHOULD NOT use codes from this sub-range at all"',
  ],
};

describe('the official server and ours answer alike what', () => {
  it.each(REQUESTS)('%s', async (what, request) => {
    const [theirs, own] = await Promise.all([askOfficial(request), askOurs(request)]);
    const difference = DIFFERENCES[what];
    if (difference === undefined) expect(own).toEqual(theirs);
    else expect([`${theirs.status} ${theirs.code}`, `${own.status} ${own.code}`]).toEqual(difference.slice(0, 2));
  });
});
