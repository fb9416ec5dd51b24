import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import { type Context, defineResource, defineTool } from '@mcpgen/server';
import { createServer, type HttpOptions } from '@mcpgen/server/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { type Running, running } from './running.ts';
import { META, modernRequest, send, type WireRequest } from './wire.ts';

const ENCODINGS = ['br', 'gzip', 'zstd'] as const;
const DECODER = { br: createBrotliDecompress, gzip: createGunzip, zstd: createZstdDecompress };
const info = { name: 'test', version: '1.0.0' };

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanUp.splice(0)) clean();
});

/** Its handler does one step at a time, as it is told. */
function stepByStep() {
  const { promise: started, resolve: start } = Promise.withResolvers<Context>();
  const { promise: finished, resolve: finish } = Promise.withResolvers<string>();
  const steps = defineTool({
    handler: (_input, context) => {
      start(context);
      return finished;
    },
  });
  return { steps, started, finish };
}

function serving(tools: Parameters<typeof createServer>[0]['tools'], options: HttpOptions = {}): Promise<Running> {
  return running(createServer({ info, tools: tools ?? {} }), { compression: { streams: true }, ...options });
}

const call = (encoding: string): WireRequest =>
  modernRequest(
    'tools/call',
    { name: 'steps', _meta: { ...META, progressToken: 1, 'io.modelcontextprotocol/logLevel': 'info' } },
    { 'accept-encoding': encoding },
  );

/** The head of a response, with a body that nobody reads yet. */
function open({ url }: Running, { method = 'POST', headers = {}, body }: WireRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
    const request = httpRequest(url, { method, headers: sent as Record<string, string>, agent: false }, resolve);
    request.once('error', reject);
    cleanUp.push(() => request.destroy());
    request.end(body);
  });
}

/** The next whole event of a stream. */
async function nextEvent(stream: Readable): Promise<string> {
  let text = '';
  while (!text.endsWith('\n\n')) {
    const chunk: unknown = stream.read();
    if (chunk !== null) text += String(chunk);
    else if (stream.readableEnded) throw new Error(`The stream ended after ${JSON.stringify(text)}`);
    else await new Promise<void>((resolve) => stream.once('readable', () => resolve()).once('end', () => resolve()));
  }
  return text;
}

describe('streams of events', () => {
  it('are not compressed by default', async () => {
    const { steps, started, finish } = stepByStep();
    await using it = await serving({ steps }, { compression: {} });
    const answer = send(it.url, call('gzip, br, zstd'));
    (await started).progress(1);
    finish('done');
    const { headers, events } = await answer;
    expect([headers['content-encoding'], headers.vary, events.length]).toEqual([undefined, undefined, 2]);
  });

  it.each(ENCODINGS)('bring each event at once in %s', async (encoding) => {
    const { steps, started, finish } = stepByStep();
    await using it = await serving({ steps });
    const opening = open(it, call(encoding));
    const { progress } = await started;
    progress(1, { message: 'the first' });
    const response = await opening;
    expect(response.headers).toMatchObject({ 'content-encoding': encoding, vary: 'Accept-Encoding' });
    const events: Transform = response.pipe(DECODER[encoding]());
    expect(await nextEvent(events)).toContain('"message":"the first"');
    progress(2, { message: 'the second' });
    expect(await nextEvent(events)).toContain('"message":"the second"');
    finish('done');
    expect(await nextEvent(events)).toContain('"text":"done"');
    expect(events.read()).toBeNull();
  });

  it('bring a result that is made while it is sent', async () => {
    const { promise: reported, resolve: report } = Promise.withResolvers<void>();
    async function* rows() {
      await reported;
      for (let row = 0; row < 20_000; row++) yield { row, text: 'a row of a table' };
    }
    const steps = defineTool({
      handler: (_input, { progress }) => {
        progress(1);
        setImmediate(report);
        return rows();
      },
    });
    await using it = await serving({ steps });
    const answer = await send(it.url, call('gzip'));
    expect([answer.headers['content-encoding'], answer.events.length]).toEqual(['gzip', 2]);
    expect(answer.json?.result?.content).toMatchObject([{ text: expect.stringContaining('"row":19999') }]);
  });

  it('are as they were for those who do not ask, or are known', async () => {
    for (const [accept, options] of [
      ['identity', {}],
      ['gzip', { authenticate: () => ({ issuer: 'i', subject: 's', scopes: [] }) }],
    ] as const) {
      const { steps, started, finish } = stepByStep();
      await using it = await serving({ steps }, options);
      const answer = send(it.url, call(accept));
      (await started).progress(1);
      finish('done');
      expect((await answer).headers['content-encoding']).toBeUndefined();
    }
  });

  it('bring notifications to sessions of the 2025 era', async () => {
    const watched = defineResource({ uri: 'test://watched', read: () => '', watch: () => {} });
    const server = createServer({ info, resources: { watched } });
    await using it = await running(server, { compression: { streams: true } });
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
    const begun = await send(it.url, { body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }) });
    const headers = { 'mcp-session-id': String(begun.headers['mcp-session-id']), 'accept-encoding': 'zstd' };
    const response = await open(it, { method: 'GET', headers });
    expect(response.headers['content-encoding']).toBe('zstd');
    const events = response.pipe(createZstdDecompress());
    server.announce('resources');
    expect(await nextEvent(events)).toContain('notifications/resources/list_changed');
    server.announce('resources');
    expect(await nextEvent(events)).toContain('notifications/resources/list_changed');
  });

  it('are cut where a reader leaves too much unread', async () => {
    const { steps, started } = stepByStep();
    await using it = await serving({ steps });
    const opening = open(it, call('gzip'));
    const { log, signal } = await started;
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    log('info', 'begins');
    const response = await opening;
    response.on('error', () => {});
    let sent = 0;
    // What does not get smaller, until what nobody reads has filled every buffer on its way.
    while (!signal.aborted && sent++ < 400) {
      log('info', unlike(20_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await aborted;
    expect(sent).toBeLessThan(400);
  });

  it('end where a reader takes nothing more of the answer', async () => {
    const { steps, started, finish } = stepByStep();
    await using it = await serving({ steps }, { stallLimit: 50 });
    const opening = open(it, call('br'));
    (await started).progress(1);
    const response = await opening;
    response.on('error', () => {});
    response.pause();
    finish(unlike(3_000_000));
    // Closing without a limit of its own ends when the connection does, and that is the server's doing.
    await it.service.close({ timeout: 2 ** 31 - 1 });
    expect(response.complete).toBe(false);
  });
});

/** A text that does not get smaller. */
function unlike(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(0x4e00 + Math.random() * 20_000)).join('');
}
