import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { type Context, defineConnector, defineTool } from '@mcpgen/server';
import { type AnyTool, createServer, replaceDefinition, serveStdio } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { info, serve } from './cached-tool.ts';
import { type Running, running, textOf } from './running.ts';
import { modernMessage, modernRequest, send, type WireMessage } from './wire.ts';

/** 100 MB of rows that count how many were pulled, and when nobody wants more. */
function endless(count = 1_000_000) {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  const state = { pulled: 0 };
  const handler: AnyTool['handler'] = async function* (_input: unknown, { signal }: Context) {
    signal.addEventListener('abort', () => abort());
    try {
      for (; state.pulled < count; state.pulled++) yield `row ${state.pulled}\n`.padStart(100, '.');
    } finally {
      leave();
    }
  };
  return { handler, state, left, aborted };
}

/** Begins a call, and reads nothing but the head of its answer. */
async function begin({ url }: Running): Promise<{ request: ClientRequest; response: IncomingMessage }> {
  const { headers, body } = modernRequest('tools/call', { name: 'tool', arguments: {} });
  const request = httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
  request.on('error', () => {});
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  return { request, response };
}

describe('a stream over HTTP', () => {
  it('is made no faster than it is read', async () => {
    const { handler, state } = endless();
    await using it = await serve({ handler }, { resultLimit: 200_000_000 });
    const { response } = await begin(it);
    await settled(() => state.pulled);
    const unread = state.pulled;
    expect(unread).toBeLessThan(200_000);
    let read = 0;
    response.on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (read > 5_000_000) response.pause();
    });
    await settled(() => read);
    await settled(() => state.pulled);
    expect(state.pulled - read / 100).toBeLessThan(200_000);
    response.destroy();
  });

  it('ends with its reader, and so does what makes it', async () => {
    const { handler, state, left, aborted } = endless();
    await using it = await serve({ handler }, { resultLimit: 200_000_000 });
    const { request } = await begin(it);
    request.destroy();
    await Promise.all([left, aborted]);
    expect(state.pulled).toBeLessThan(300_000);
    expect((await send(it.url, { method: 'GET', path: '/healthz' })).status).toBe(200);
  });

  it('ends when its reader takes nothing for too long', async () => {
    const { handler, left } = endless();
    await using it = await serve({ handler }, { resultLimit: 200_000_000 }, { stallLimit: 50 });
    const { response } = await begin(it);
    const closed = new Promise((resolve) => response.once('close', resolve));
    await left;
    response.resume();
    await closed;
    expect(response.complete).toBe(false);
  });

  it('ends when the server closes', async () => {
    const { handler, left } = endless();
    const it = await serve({ handler }, { resultLimit: 200_000_000 });
    await begin(it);
    await Promise.all([it[Symbol.asyncDispose](), left]);
  });

  it('comes as one event where progress went ahead', async () => {
    const rows = Array.from({ length: 50_000 }, (_, id) => ({ id }));
    const handler: AnyTool['handler'] = (_input: unknown, { progress }: Context) => {
      progress(1);
      return (async function* () {
        for (const row of rows) {
          progress(row.id + 2);
          yield row;
        }
      })();
    };
    await using it = await serve({ handler });
    const answer = await it.call('tool', {}, { _meta: { ...META_WITH_TOKEN } });
    expect(answer.headers['content-type']).toBe('text/event-stream');
    expect(answer.events).toHaveLength(2);
    expect(textOf(answer)).toBe(JSON.stringify(rows));
  });

  it('keeps its connectors open to its end', async () => {
    const log: string[] = [];
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: goOn, resolve: go } = Promise.withResolvers<void>();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const connectors = { db: defineConnector({ open: () => 'old', close: () => close() }) };
    closed.then(() => log.push('closed'));
    const tool = defineTool({
      connectors,
      handler: async function* () {
        yield 'x'.repeat(1_000_000);
        ask();
        await goOn;
        yield `and ${log.length}`;
      },
    });
    const server = createServer({ info, tools: { tool } });
    await using it = await running(server);
    const call = it.call('tool');
    await asked;
    const newer = defineTool({ connectors: { db: defineConnector({ open: () => 'new' }) }, handler: () => 'new' });
    replaceDefinition(server, { info, tools: { tool: newer } });
    expect(textOf(await it.call('tool'))).toBe('new');
    go();
    expect(textOf(await call)).toMatch(/xand 0$/);
    await closed;
  });
});

const META_WITH_TOKEN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  progressToken: 'p',
};

/** Waits until a figure no longer grows, by turns of the event loop and not by time. */
async function settled(figure: () => number): Promise<void> {
  for (let still = 0, last = -1; still < 50; ) {
    await new Promise((resolve) => setImmediate(resolve));
    still = figure() === last ? still + 1 : 0;
    last = figure();
  }
}

/** A client over stdio that reads when it is told to. */
function stdio(tools: Record<string, AnyTool>) {
  const input = new PassThrough();
  const output = new PassThrough();
  const server = createServer({ info, tools }, { resultLimit: 200_000_000 });
  const { ended } = serveStdio(server, { input, output });
  const say = (message: object): boolean => input.write(`${JSON.stringify(message)}\n`);
  return {
    say,
    call: (id: number, name: string) => say(modernMessage('tools/call', { name }, id)),
    cancel: (requestId: number) => say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }),
    input,
    output,
    ended,
    /** What was not read yet, and goes on to the end of the input, which comes after so many lines. */
    rest: async (count = 0): Promise<readonly WireMessage[]> => {
      const chunks: Buffer[] = [];
      let lines = 0;
      output.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (chunk.includes(10) && ++lines === count) input.end();
      });
      await ended;
      await server.close();
      return Buffer.concat(chunks)
        .toString()
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as WireMessage]));
    },
  };
}

describe('a stream over stdio', () => {
  it('is one line, made no faster than it is read, and no other message comes between', async () => {
    const { handler, state } = endless(50_000);
    const client = stdio({ tool: { handler }, other: { handler: () => 'other' } });
    client.call(1, 'tool');
    await settled(() => client.output.readableLength);
    expect(state.pulled).toBeLessThan(10_000);
    client.call(2, 'other');
    await settled(() => client.output.readableLength);
    const messages = await client.rest(2);
    expect(messages.map(({ id }) => id)).toEqual([1, 2]);
    expect(JSON.stringify(messages[0]?.result).length).toBeGreaterThan(5_000_000);
    expect(messages[1]?.result).toMatchObject({ content: [{ text: 'other' }] });
  });

  it('that is cancelled closes its line as an error, and ends what makes it', async () => {
    const { handler, left, aborted } = endless();
    const client = stdio({ tool: { handler }, other: { handler: () => 'other' } });
    client.call(1, 'tool');
    await once(client.output, 'readable');
    client.cancel(1);
    await Promise.all([left, aborted]);
    client.call(2, 'other');
    client.input.end();
    const [cut, other] = await client.rest();
    expect(cut?.result).toMatchObject({ isError: true, content: [{}, { text: 'Tool "tool" was cancelled' }] });
    expect(other?.result).toMatchObject({ content: [{ text: 'other' }] });
  });

  it('that is cancelled before its line began is not answered', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const handler = async function* (_input: unknown, { signal }: Context) {
      try {
        yield 'a';
        ask();
        await once(signal, 'abort');
      } finally {
        leave();
      }
    };
    const client = stdio({ tool: { handler: handler as AnyTool['handler'] } });
    client.call(1, 'tool');
    await asked;
    client.cancel(1);
    await left;
    client.input.end();
    expect(await client.rest()).toEqual([]);
  });

  it('ends with the input', async () => {
    const { handler, left } = endless(Number.POSITIVE_INFINITY);
    const client = stdio({ tool: { handler } });
    client.call(1, 'tool');
    await once(client.output, 'readable');
    client.input.end();
    const [cut] = await client.rest();
    await left;
    expect(cut?.result).toMatchObject({ isError: true });
  });
});
