import { PassThrough } from 'node:stream';
import { type AnyTool, createServer, type McpServer, type ServerEvent, serveStdio } from '@mcpgen/server/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { info } from './cached-tool.ts';
import { type Running, running, textOf } from './running.ts';
import { modernMessage, modernRequest, send, type WireAnswer, type WireMessage } from './wire.ts';

const fail = (): never => {
  throw new Error('Cannot read /etc/app/secret.json');
};
const hostile = new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail });
const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
};
const circle: Record<string, unknown> = { a: 1 };
circle.circle = circle;
const throwing = (error: unknown) => () => {
  throw error;
};
async function* first(value: unknown) {
  yield value;
}

/** What a handler does, and what its caller is told. */
const BAD: Readonly<Record<string, readonly [handler: () => unknown, says: RegExp]>> = {
  'throws a string': [throwing('it broke in /srv/app/tools'), /failed: it broke in \(path\)$/],
  'throws null': [throwing(null), /failed: it threw something that is no error$/],
  'throws undefined': [throwing(undefined), /failed: it threw something that is no error$/],
  'throws a proxy': [throwing(hostile), /failed: it threw something that is no error$/],
  'throws an object whose fields throw': [
    throwing({
      get message() {
        return fail();
      },
      get code() {
        return fail();
      },
    }),
    /failed: it threw something that is no error$/,
  ],
  'throws an error whose message throws': [
    throwing(Object.defineProperty(new Error('x'), 'message', { get: fail })),
    /failed: it threw something that is no error$/,
  ],
  'rejects with a proxy': [() => Promise.reject(hostile), /failed: it threw something that is no error$/],
  'returns undefined': [() => undefined, /returned undefined: return a string, a JSON value or null$/],
  'returns a function': [() => fail, /returned function: /],
  'returns a symbol': [() => Symbol('s'), /returned symbol: /],
  'returns a BigInt': [() => 1n, /JSON cannot hold: it contains a BigInt$/],
  'returns a nested BigInt': [() => ({ a: [{ b: 1n }] }), /JSON cannot hold: it contains a BigInt$/],
  'returns a cycle': [() => circle, /JSON cannot hold: it contains itself$/],
  'returns a proxy that throws': [() => hostile, /JSON cannot hold: |failed: /],
  'returns an object with a getter that throws': [
    () => ({
      get a() {
        return fail();
      },
    }),
    /JSON cannot hold: its toJSON method failed$/,
  ],
  'returns an object whose toJSON throws': [
    () => ({ a: { toJSON: fail } }),
    /JSON cannot hold: its toJSON method failed$/,
  ],
  'returns an object whose toJSON throws nothing': [
    () => ({ toJSON: throwing(null) }),
    /JSON cannot hold: its toJSON method failed$/,
  ],
  'returns 100,000 levels': [() => nested(100_000), /JSON cannot hold: it nests too deep$/],
  'returns 11 MB': [() => 'x'.repeat(11 * 1024 * 1024), /result of 11 MB exceeds 10 MB$/],
  'returns content without a type': [
    () => ({ content: [{ text: 'x' }] }),
    /returned content whose item 0 has no "type"$/,
  ],
  'gives a BigInt bit by bit': [() => first(1n), /JSON cannot hold: it contains a BigInt$/],
  'gives a cycle bit by bit': [() => first(circle), /JSON cannot hold: it contains itself$/],
  'gives 100,000 levels bit by bit': [() => first(nested(100_000)), /JSON cannot hold: it nests too deep$/],
  'cannot be read bit by bit': [() => ({ [Symbol.asyncIterator]: fail }), /failed: Cannot read \(path\)$/],
  'is read to no end': [() => ({ [Symbol.asyncIterator]: () => ({}) }), /failed: /],
};

/** What is odd and can be sent all the same. */
const ODD: Readonly<Record<string, readonly [handler: () => unknown, text: string]>> = {
  'a Date': [() => new Date(0), '"1970-01-01T00:00:00.000Z"'],
  'a Map': [() => new Map([[1, 2]]), '{}'],
  NaN: [() => Number.NaN, 'null'],
  'a nested undefined': [() => ({ a: undefined, b: [undefined] }), '{"b":[null]}'],
  null: [() => null, 'null'],
  '2 MB': [() => 'x'.repeat(2_000_000), 'x'.repeat(2_000_000)],
};

const name = (what: string): string => what.replace(/[^\w.-]/g, '_');
const tools = Object.fromEntries(
  Object.entries({ ...BAD, ...ODD }).map(([what, [handler]]) => [name(what), { handler } as AnyTool]),
);
const events: ServerEvent[] = [];
let server: McpServer;
let http: Running;

beforeAll(async () => {
  server = createServer({ info, tools, options: { metrics: true } }, { onEvent: (event) => events.push(event) });
  http = await running(server);
});
afterAll(() => http[Symbol.asyncDispose]());

type Ask = (tool: string) => Promise<WireMessage | undefined>;

const legacy = (tool: string) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: tool, arguments: {} },
});
const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: info },
};

async function overHttp(request: Parameters<typeof send>[1]): Promise<WireMessage | undefined> {
  return (await send(http.url, request)).json;
}

/** The answer with id 1 to what a client says over stdio. */
async function overStdio(...messages: readonly object[]): Promise<WireMessage | undefined> {
  const input = new PassThrough();
  const output = new PassThrough();
  const { ended } = serveStdio(server, { input, output });
  for (const message of messages) input.write(`${JSON.stringify(message)}\n`);
  let text = '';
  for await (const chunk of output) {
    text += String(chunk);
    const line = /^.*"id":1,.*\n/m.exec(text)?.[0];
    if (line === undefined) continue;
    input.end();
    await ended;
    return JSON.parse(line) as WireMessage;
  }
  return undefined;
}

const ways: readonly (readonly [string, Ask])[] = [
  ['HTTP, 2026-07-28', (tool) => overHttp(modernRequest('tools/call', { name: tool, arguments: {} }))],
  ['HTTP, 2025-11-25', (tool) => overHttp({ body: JSON.stringify(legacy(tool)) })],
  ['stdio, 2026-07-28', (tool) => overStdio(modernMessage('tools/call', { name: tool, arguments: {} }))],
  ['stdio, 2025-11-25', (tool) => overStdio(initialize, legacy(tool))],
];

describe.each(ways)('over %s, a tool that', (_way, ask) => {
  it.each(Object.entries(BAD))('%s is an error that is counted', async (what, [, says]) => {
    const tool = name(what);
    const before = server.metrics?.snapshot().tools[tool]?.failed ?? 0;
    events.length = 0;
    const message = await ask(tool);
    const text = textOf({ json: message } as WireAnswer);
    expect(message?.result?.isError).toBe(true);
    expect(text).toMatch(says);
    expect(text).not.toMatch(/\n|\bat \S+:\d+|\/etc\/|\/srv\/|\.ts\b/);
    expect(text.length).toBeLessThan(300);
    expect(events).toContainEqual(expect.objectContaining({ what: `tool "${tool}"` }));
    expect(server.metrics?.snapshot().tools[tool]?.failed).toBe(before + 1);
    expect(textOf({ json: await ask('null') } as WireAnswer)).toBe('null');
  });

  it.each(Object.entries(ODD))('returns %s is answered', async (what, [, text]) => {
    const message = await ask(name(what));
    expect(message?.result?.isError).toBeUndefined();
    expect(textOf({ json: message } as WireAnswer)).toBe(text);
  });
});
