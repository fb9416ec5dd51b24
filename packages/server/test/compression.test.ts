import { defineResource, defineTool } from '@mcpgen/server';
import { createServer, type HttpOptions, type ServerDefinition } from '@mcpgen/server/runtime';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Running, running, textOf } from './running.ts';
import { modernMessage, modernRequest, send, type WireAnswer } from './wire.ts';

const ENCODINGS = ['br', 'gzip', 'zstd'] as const;
const info = { name: 'test', version: '1.0.0' };
const words = (count: number): string => Array.from({ length: count }, (_, word) => `word ${word * 7919}`).join(' ');

const repeat = defineTool({
  description: 'Gives back what it gets, several times',
  input: { type: 'object', properties: { text: { type: 'string' }, times: { type: 'integer' } } },
  handler: ({ text = '', times = 1 }: { text?: string; times?: number }) => text.repeat(times),
});
const many = Object.fromEntries(
  Array.from({ length: 40 }, (_, tool) => [`tool-${tool}`, defineTool({ description: words(20), handler: () => '' })]),
);

function serving(options: HttpOptions = {}, more: Partial<ServerDefinition> = {}): Promise<Running> {
  return running(createServer({ info, tools: { ...many, repeat }, ...more }), options);
}

const list = (accept?: string, headers: Record<string, string> = {}) =>
  modernRequest('tools/list', {}, { 'accept-encoding': accept, ...headers });
const call = (accept: string | undefined, text: string, times = 1) =>
  modernRequest('tools/call', { name: 'repeat', arguments: { text, times } }, { 'accept-encoding': accept });
const encodingOf = ({ headers }: WireAnswer): string | undefined => headers['content-encoding'];

describe.each(ENCODINGS)('an answer in %s', (encoding) => {
  it('carries any result of any size', async () => {
    await using it = await serving();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 2000 }), async (text, times) => {
        const answer = await send(it.url, call(encoding, text, times));
        expect(textOf(answer)).toBe(text.repeat(times));
        expect(answer.headers['content-length']).toBe(String(answer.size));
        const plain = await send(it.url, call(undefined, text, times));
        expect(answer.text).toBe(plain.text);
        expect(encodingOf(answer)).toBe(plain.size < 1280 || answer.size === plain.size ? undefined : encoding);
      }),
      { numRuns: 30 },
    );
  });

  it('carries a list to any request, whatever its id, before and after it was compressed at the highest level', async () => {
    await using it = await serving();
    const plain = await send(it.url, list());
    const id = fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'binary', maxLength: 300 }));
    await fc.assert(
      fc.asyncProperty(id, async (id) => {
        const body = JSON.stringify(modernMessage('tools/list', {}, id));
        const answer = await send(it.url, { ...list(encoding), body });
        expect(encodingOf(answer)).toBe(encoding);
        expect(answer.headers['content-length']).toBe(String(answer.size));
        expect(answer.json).toEqual({ ...plain.json, id: JSON.parse(JSON.stringify(id)) });
      }),
      { numRuns: 60 },
    );
  });

  it('is a tenth and less of a long list, and never crosses', async () => {
    await using it = await serving();
    const plain = await send(it.url, list());
    const ids = Array.from({ length: 100 }, (_, id) => id);
    const answers = await Promise.all(
      ids.map((id) => {
        const body = JSON.stringify(modernMessage('tools/list', {}, id));
        return send(it.url, { ...list(encoding), body });
      }),
    );
    expect(answers.map(({ json }) => json?.id)).toEqual(ids);
    expect(answers.at(-1)?.size).toBeLessThan(plain.size / 10);
  });

  it('reaches clients of the 2025 era, in batches too', async () => {
    await using it = await serving();
    const headers = { 'accept-encoding': encoding };
    const message = { jsonrpc: '2.0', id: 'a', method: 'tools/list' };
    const plain = await send(it.url, { body: JSON.stringify(message) });
    const one = await send(it.url, { headers, body: JSON.stringify(message) });
    expect([encodingOf(one), one.json]).toEqual([encoding, plain.json]);
    const batch = await send(it.url, { headers, body: JSON.stringify([message, { ...message, id: 'b' }]) });
    expect(encodingOf(batch)).toBe(encoding);
    expect(JSON.parse(batch.text)).toEqual([plain.json, { ...plain.json, id: 'b' }]);
  });

  it('carries a result that is made while it is sent, of any length', async () => {
    async function* rows() {
      for (let row = 0; row < 20_000; row++) yield { row, text: words(5) };
    }
    await using it = await serving({}, { tools: { rows: defineTool({ handler: () => rows() }) } });
    const request = (accept: string) => modernRequest('tools/call', { name: 'rows' }, { 'accept-encoding': accept });
    const plain = await send(it.url, request('identity'));
    const answer = await send(it.url, request(encoding));
    expect([encodingOf(answer), answer.headers.vary, answer.headers['content-length']]).toEqual([
      encoding,
      'Accept-Encoding',
      undefined,
    ]);
    expect(answer.text).toBe(plain.text);
    expect(answer.size).toBeLessThan(plain.size / 5);
  });

  it('is not given to an id that is longer than anybody needs', async () => {
    await using it = await serving();
    const id = 'x'.repeat(1024);
    const answer = await send(it.url, { ...list(encoding), body: JSON.stringify(modernMessage('tools/list', {}, id)) });
    expect([encodingOf(answer), answer.json?.id]).toEqual([undefined, id]);
  });
});

describe('which answers are compressed', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['gzip;q=0', undefined],
    ['*;q=0', undefined],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0.5, gzip;q=0.9', 'gzip'],
    [',;q=,,gzip;q=9,\u00e4', undefined],
    [','.repeat(15_000), undefined],
    [`${'gzip;q=0.1,'.repeat(1300)}br`, undefined],
  ])('to %j: a list in %s', async (accept, encoding) => {
    await using it = await serving();
    const answer = await send(it.url, list(accept));
    expect([answer.status, encodingOf(answer), answer.headers.vary]).toEqual([200, encoding, 'Accept-Encoding']);
    expect(answer.json?.result?.tools).toHaveLength(41);
  });

  it('says that they depend on the header where they do', async () => {
    await using it = await serving();
    const large = await send(it.url, call(undefined, words(500)));
    expect([encodingOf(large), large.headers.vary]).toEqual([undefined, 'Accept-Encoding']);
    const small = await send(it.url, call('gzip', 'small'));
    expect([encodingOf(small), small.headers.vary]).toEqual([undefined, undefined]);
  });

  it('are small ones too, to a client that takes nothing else', async () => {
    await using it = await serving();
    const answer = await send(it.url, call('gzip, identity;q=0', 'small'));
    expect([encodingOf(answer), textOf(answer)]).toEqual(['gzip', 'small']);
  });

  it('are none, and no refusals, where it is switched off', async () => {
    await using it = await serving({ compression: false });
    for (const request of [list('gzip, br'), call('gzip', words(2000)), modernRequest('tools/nothing')]) {
      const answer = await send(it.url, request);
      expect([encodingOf(answer), answer.headers.vary]).toEqual([undefined, undefined]);
    }
  });

  it('are those that the threshold and the encodings allow', async () => {
    await using it = await serving({ compression: { threshold: 50_000, encodings: ['gzip', 'br'] } });
    expect(encodingOf(await send(it.url, call('br, gzip, zstd', words(500))))).toBeUndefined();
    expect(encodingOf(await send(it.url, call('br, gzip, zstd', words(5000))))).toBe('gzip');
    expect(encodingOf(await send(it.url, call('zstd', words(5000))))).toBeUndefined();
  });

  it('are those that the server says of itself, unless its transport says otherwise', async () => {
    const options = { compression: false } as const;
    await using off = await serving({}, { options });
    expect(encodingOf(await send(off.url, list('gzip')))).toBeUndefined();
    await using on = await serving({ compression: {} }, { options });
    expect(encodingOf(await send(on.url, list('gzip')))).toBe('gzip');
  });

  it.each([
    ['anonymous', undefined, 'gzip'],
    ['anonymous', { issuer: 'i', subject: 's', scopes: [] }, undefined],
    ['all', { issuer: 'i', subject: 's', scopes: [] }, 'gzip'],
    ['none', undefined, undefined],
  ] as const)('with results of "%s" callers, to %j: a result in %s', async (results, caller, encoding) => {
    const authenticate = caller && (() => caller);
    await using it = await serving({ compression: { results }, authenticate });
    expect(encodingOf(await send(it.url, call('gzip', words(500))))).toBe(encoding);
    expect(encodingOf(await send(it.url, list('gzip')))).toBe('gzip');
  });

  it('are resources as well', async () => {
    const resources = { long: defineResource({ uri: 'test://long', read: () => words(5000) }) };
    await using it = await serving({}, { resources });
    const request = modernRequest('resources/read', { uri: 'test://long' }, { 'accept-encoding': 'zstd' });
    const answer = await send(it.url, request);
    expect(encodingOf(answer)).toBe('zstd');
    expect(answer.json?.result?.contents).toMatchObject([{ text: words(5000) }]);
  });

  it('refuses a threshold that is none', async () => {
    await expect(serving({ compression: { threshold: Number.NaN } })).rejects.toThrow(RangeError);
  });
});

describe('beside the rest of HTTP', () => {
  it('tells web pages that an answer depends on their origin and on the encoding', async () => {
    await using it = await serving({ allowedOrigins: ['https://app.example'] });
    const { headers } = await send(it.url, list('gzip', { origin: 'https://app.example' }));
    expect(headers).toMatchObject({
      vary: 'Accept-Encoding, Origin',
      'content-encoding': 'gzip',
      'access-control-allow-origin': 'https://app.example',
    });
  });

  it('opens sessions of the 2025 era as before, and compresses what they carry', async () => {
    const asks = defineTool({ uses: ['roots'], handler: async (_input, { roots }) => JSON.stringify(await roots()) });
    await using it = await serving({}, { tools: { ...many, asks }, instructions: words(500) });
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    const begun = await send(it.url, { headers: { 'accept-encoding': 'br' }, body });
    const session = String(begun.headers['mcp-session-id']);
    expect([encodingOf(begun), begun.json?.result?.instructions]).toEqual(['br', words(500)]);
    const headers = { 'accept-encoding': 'br', 'mcp-session-id': session };
    const listed = await send(it.url, {
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    expect([encodingOf(listed), listed.json?.id]).toEqual(['br', 1]);
  });

  it('closes the connection with an answer that was being compressed when the server stopped', async () => {
    const { promise: called, resolve: onCall } = Promise.withResolvers<void>();
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const slow = defineTool({
      handler: async () => {
        onCall();
        await stopped;
        return words(50_000);
      },
    });
    await using it = await serving({}, { tools: { slow } });
    const request = modernRequest(
      'tools/call',
      { name: 'slow' },
      { 'accept-encoding': 'gzip', connection: 'keep-alive' },
    );
    const answer = send(it.url, request);
    await called;
    const closed = it.service.close({ timeout: 10_000 });
    stop();
    expect((await answer).headers).toMatchObject({ 'content-encoding': 'gzip', connection: 'close' });
    await closed;
  });

  it('goes on after clients that left while their answers were compressed', async () => {
    await using it = await serving();
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const controller = new AbortController();
        const { headers, body } = call('gzip', words(1000), 50);
        const left = fetch(it.url, {
          method: 'POST',
          headers: { ...(headers as Record<string, string>), 'content-type': 'application/json' },
          body: String(body),
          signal: controller.signal,
        });
        await send(it.url, call('gzip', 'another'));
        controller.abort();
        await left.then((response) => response.text()).catch(() => {});
      }),
    );
    expect(textOf(await send(it.url, call('br', words(1000), 50)))).toBe(words(1000).repeat(50));
  });
});

describe('the official clients, which ask for compression by themselves', () => {
  const spy = () => {
    const seen: (string | null)[] = [];
    const spied: typeof fetch = async (...parameters) => {
      const response = await fetch(...parameters);
      seen.push(response.headers.get('content-encoding'));
      return response;
    };
    return { seen, spied };
  };

  it.each([{ pin: '2026-07-28' }, 'auto', 'legacy'] as const)('version 2, in mode %j', async (mode) => {
    await using it = await serving();
    const { seen, spied } = spy();
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(it.url), { fetch: spied }));
    expect((await client.listTools()).tools).toHaveLength(41);
    const { content } = await client.callTool({ name: 'repeat', arguments: { text: words(100), times: 40 } });
    expect(content).toEqual([{ type: 'text', text: words(100).repeat(40) }]);
    expect(seen.filter((encoding) => encoding === 'gzip')).toHaveLength(2);
    await client.close();
  });

  it('version 1', async () => {
    await using it = await serving();
    const { seen, spied } = spy();
    const client = new ClientV1({ name: 'test', version: '1' });
    await client.connect(new HttpV1(new URL(it.url), { fetch: spied }) as TransportV1);
    expect((await client.listTools()).tools).toHaveLength(41);
    const { content } = await client.callTool({ name: 'repeat', arguments: { text: words(100), times: 40 } });
    expect(content).toEqual([{ type: 'text', text: words(100).repeat(40) }]);
    expect(seen.filter((encoding) => encoding === 'gzip')).toHaveLength(2);
    await client.close();
  });

  it.each(ENCODINGS)('fetch decodes %s', async (encoding) => {
    await using it = await serving();
    const { headers, body } = list(encoding);
    const sent = { ...(headers as Record<string, string>), 'content-type': 'application/json' };
    const response = await fetch(it.url, { method: 'POST', headers: sent, body: String(body) });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(await response.json()).toMatchObject({ id: 1, result: { _meta: {} } });
  });
});
