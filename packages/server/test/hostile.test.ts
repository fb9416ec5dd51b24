import { PassThrough } from 'node:stream';
import { type HttpService, type McpServer, serveHttp, serveStdio } from '@mcpgen/server/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everythingServer } from './everything.ts';
import { HOSTILE_MESSAGES } from './hostile-messages.ts';
import {
  META,
  modernMessage,
  modernRequest,
  send,
  type WireAnswer,
  type WireMessage,
  type WireRequest,
} from './wire.ts';

let server: McpServer;
let service: HttpService;

beforeAll(async () => {
  server = await everythingServer();
  service = await serveHttp(server, { port: 0 });
});

afterAll(async () => {
  await service.close();
  await server.close();
});

async function expectAlive(): Promise<void> {
  const answer = await send(service.url, modernRequest('tools/call', { name: 'test_simple_text', arguments: {} }));
  expect(answer.json?.result?.content).toHaveLength(1);
}

/** One sentence, no stack, no path, and no more of the input than it takes to recognise it. */
function expectOneSentence(message: string): void {
  expect(message.length).toBeLessThan(300);
  expect(message).not.toMatch(/\n| at \S+:\d+|node_modules|\/work\/|\.ts\b/);
}

describe('over HTTP', () => {
  it.each(HOSTILE_MESSAGES)('refuses $what', async ({ body, code, status, says, headers }) => {
    const answer = await send(service.url, { body, headers: { 'mcp-protocol-version': '2026-07-28', ...headers } });
    expectRefusal(answer, status, code, says);
    await expectAlive();
  });

  const valid = modernRequest('tools/call', { name: 'test_simple_text', arguments: {} });
  const withHeaders = (headers: WireRequest['headers']): WireRequest => ({
    ...valid,
    headers: { ...valid.headers, ...headers },
  });
  const headerRows: readonly (readonly [
    what: string,
    request: WireRequest,
    status: number,
    code: number,
    says: RegExp,
  ])[] = [
    [
      'no version header',
      withHeaders({ 'mcp-protocol-version': undefined }),
      400,
      -32020,
      /MCP-Protocol-Version is missing/,
    ],
    ['another version header', withHeaders({ 'mcp-protocol-version': '2025-11-25' }), 400, -32020, /says "2025-11-25"/],
    [
      'two version headers',
      withHeaders({ 'mcp-protocol-version': ['2026-07-28', '2026-07-28'] }),
      400,
      -32020,
      /Header mismatch/,
    ],
    ['no method header', withHeaders({ 'mcp-method': undefined }), 400, -32020, /Mcp-Method is missing/],
    [
      'another method header',
      withHeaders({ 'mcp-method': 'tools/list' }),
      400,
      -32020,
      /Mcp-Method says "tools\/list"/,
    ],
    ['a method header in capitals', withHeaders({ 'mcp-method': 'TOOLS/CALL' }), 400, -32020, /Mcp-Method says/],
    ['no name header', withHeaders({ 'mcp-name': undefined }), 400, -32020, /Mcp-Name is missing/],
    ['another name header', withHeaders({ 'mcp-name': 'test_error_handling' }), 400, -32020, /Mcp-Name says/],
    ['a name header in bad Base64', withHeaders({ 'mcp-name': '=?base64?!!!?=' }), 400, -32020, /Mcp-Name says/],
    ['a name header of 10 kB', withHeaders({ 'mcp-name': 'x'.repeat(10_000) }), 400, -32020, /Mcp-Name says "x{64}…"/],
    ['text/plain', withHeaders({ 'content-type': 'text/plain' }), 415, -32600, /Content-Type/],
    ['no content type', withHeaders({ 'content-type': undefined }), 415, -32600, /Content-Type/],
    ['application/jsonp', withHeaders({ 'content-type': 'application/jsonp' }), 415, -32600, /Content-Type/],
    ['gzip', withHeaders({ 'content-encoding': 'gzip' }), 415, -32600, /Content-Encoding/],
    ['a foreign host', withHeaders({ host: 'evil.example' }), 403, -32600, /Host/],
    ['a host that begins like ours', withHeaders({ host: 'localhost.evil.example' }), 403, -32600, /Host/],
    [
      'a host that begins like an address of ours',
      withHeaders({ host: '127.0.0.1.evil.example' }),
      403,
      -32600,
      /Host/,
    ],
    ['a host with a user', withHeaders({ host: 'localhost@evil.example' }), 403, -32600, /Host/],
    ['a foreign origin', withHeaders({ origin: 'https://evil.example' }), 403, -32600, /Origin/],
    ['the origin null', withHeaders({ origin: 'null' }), 403, -32600, /Origin/],
    [
      'an origin that begins like ours',
      withHeaders({ origin: 'http://localhost.evil.example' }),
      403,
      -32600,
      /Origin/,
    ],
    ['an origin of another scheme', withHeaders({ origin: 'file://localhost' }), 403, -32600, /Origin/],
    ['GET', { method: 'GET' }, 400, -32600, /Mcp-Session-Id is missing/],
    ['DELETE', { method: 'DELETE' }, 400, -32600, /Mcp-Session-Id is missing/],
    ['PUT', { ...valid, method: 'PUT' }, 405, -32600, /not allowed/],
    ['PATCH', { ...valid, method: 'PATCH' }, 405, -32600, /not allowed/],
    ['OPTIONS', { method: 'OPTIONS' }, 405, -32600, /not allowed/],
    ['another path', { ...valid, path: '/mcp/' }, 404, -32600, /Not found/],
    ['a path with dots', { ...valid, path: '/../mcp' }, 404, -32600, /Not found/],
    ['a POST to the health check', { ...valid, path: '/healthz' }, 405, -32600, /not allowed/],
    [
      'a session that is none',
      { ...legacy('tools/list'), headers: { 'mcp-session-id': 'x' } },
      404,
      -32600,
      /Session not found/,
    ],
    [
      'a version of the future',
      { ...legacy('tools/list'), headers: { 'mcp-protocol-version': '2099-01-01' } },
      400,
      -32022,
      /"2099-01-01"/,
    ],
    [
      'initialize of 2026',
      { ...legacy('initialize'), headers: { 'mcp-protocol-version': '2026-07-28' } },
      400,
      -32600,
      /no "initialize"/,
    ],
    [
      'no _meta',
      { ...legacy('tools/list'), headers: { 'mcp-protocol-version': '2026-07-28' } },
      400,
      -32602,
      /"_meta" must be/,
    ],
    ['a version that is unknown', unknownVersion(), 400, -32022, /Unsupported protocol version: "1900-01-01"/],
    ['no argument in the header', mirrored({}, { region: 'a' }), 400, -32020, /mcp-param-region is missing/],
    ['another argument in the header', mirrored({ 'mcp-param-region': 'b' }, { region: 'a' }), 400, -32020, /says "b"/],
    [
      'an argument in the header alone',
      mirrored({ 'mcp-param-region': 'b' }, {}),
      400,
      -32020,
      /says "b", the body says nothing/,
    ],
    [
      'a batch of 2026',
      { body: JSON.stringify([modernMessage('tools/list')]), headers: { 'mcp-protocol-version': '2026-07-28' } },
      400,
      -32600,
      /batches left/,
    ],
    [
      'a batch of 2025-11-25',
      { body: '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', headers: { 'mcp-protocol-version': '2025-11-25' } },
      400,
      -32600,
      /Invalid batch/,
    ],
    ['an empty batch', { body: '[]', headers: { 'mcp-protocol-version': '2025-03-26' } }, 400, -32600, /Invalid batch/],
    [
      'a batch of 1,000',
      { body: `[${Array(1000).fill('{"jsonrpc":"2.0","id":1,"method":"ping"}')}]`, headers: {} },
      400,
      -32600,
      /Invalid batch/,
    ],
    ['bytes that are not UTF-8', { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) }, 400, -32700, /not UTF-8/],
    ['5 MB', { body: Buffer.alloc(5 * 1024 * 1024, 0x20) }, 413, -32600, /exceeds 4194304 bytes/],
    [
      'a response in revision 2026',
      { body: '{"jsonrpc":"2.0","id":1,"result":{}}', headers: { 'mcp-protocol-version': '2026-07-28' } },
      400,
      -32600,
      /Invalid request/,
    ],
  ];

  it.each(headerRows)('refuses %s', async (_what, request, status, code, says) => {
    expectRefusal(await send(service.url, request), status, code, says);
    await expectAlive();
  });

  it('refuses 5 MB that come without a length', async () => {
    const answer = await send(service.url, {
      body: Buffer.alloc(5 * 1024 * 1024, 0x20),
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect(answer.status).toBe(413);
    await expectAlive();
  });

  it('matches 60,000 commas in no time to speak of', async () => {
    const uri = `test://template/${','.repeat(15_000)}`;
    const answer = await send(service.url, modernRequest('resources/read', { uri }, { 'mcp-name': undefined }));
    expect(answer.status).toBe(400);
  });

  function expectRefusal(answer: WireAnswer, status: number, code: number, says: RegExp): void {
    expect(answer.json?.error?.message).toMatch(says);
    expect([answer.status, answer.json?.error?.code]).toEqual([status, code]);
    expect(answer.text.length).toBeLessThan(2048);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expectOneSentence(answer.json?.error?.message ?? '');
  }
});

function legacy(method: string): WireRequest {
  return { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method }) };
}

function unknownVersion(): WireRequest {
  const meta = { ...META, 'io.modelcontextprotocol/protocolVersion': '1900-01-01' };
  return modernRequest('tools/list', { _meta: meta }, { 'mcp-protocol-version': '1900-01-01' });
}

function mirrored(headers: Record<string, string>, input: object): WireRequest {
  return modernRequest('tools/call', { name: 'test_x_mcp_header', arguments: input }, headers);
}

describe('over stdio', () => {
  it.each(HOSTILE_MESSAGES.filter(({ body }) => body !== ''))('refuses $what', async ({ body, code, says }) => {
    const answers = await exchange([
      body,
      JSON.stringify(modernMessage('tools/call', { name: 'test_simple_text' }, 'after')),
    ]);
    const alive = answers.find(({ id }) => id === 'after');
    const refusal = answers.find(({ id }) => id !== 'after');
    expect(refusal?.error?.message).toMatch(says);
    expect(refusal?.error?.code).toBe(code);
    expect(JSON.stringify(refusal).length).toBeLessThan(2048);
    expectOneSentence(refusal?.error?.message ?? '');
    expect(alive?.result).toBeDefined();
  });

  it('refuses a line of 17 MB, and goes on with the next one', async () => {
    const [refusal, alive] = await exchange([
      'x'.repeat(17 * 1024 * 1024),
      JSON.stringify(modernMessage('tools/list')),
    ]);
    expect(refusal?.error?.message).toContain('longer than 16 MiB');
    expect(alive?.result?.tools).toBeDefined();
  });

  it('refuses an id that is in use', async () => {
    const call = JSON.stringify(modernMessage('tools/call', { name: 'test_reconnection' }, 0));
    const answers = await exchange([call, call]);
    expect(answers.find(({ error }) => error !== undefined)?.error?.message).toContain('id "0" is in use');
  });

  it('answers nothing to notifications, known or not', async () => {
    const notification = (method: string) => JSON.stringify({ jsonrpc: '2.0', method });
    const answers = await exchange([
      notification('notifications/cancelled'),
      notification('nothing'),
      JSON.stringify(modernMessage('tools/list')),
    ]);
    expect(answers).toHaveLength(1);
  });

  async function exchange(lines: readonly string[]): Promise<readonly WireMessage[]> {
    const input = new PassThrough();
    const output = new PassThrough();
    const chunks: Buffer[] = [];
    output.on('data', (chunk: Buffer) => chunks.push(chunk));
    const { ended } = serveStdio(server, { input, output });
    input.end(`${lines.join('\n')}\n`);
    await ended;
    const text = Buffer.concat(chunks).toString();
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as WireMessage]));
  }
});
