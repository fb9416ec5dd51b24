import { PassThrough } from 'node:stream';
import { createServerFromManifest, type McpServer, type ServerEvent, serveStdio } from '@mcpgen/server/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltServer, type BuiltTool, builtServer } from './built-server.ts';
import { type Running, running, textOf } from './running.ts';
import { modernMessage, modernRequest, send, type WireAnswer, type WireMessage } from './wire.ts';

/** What a tool does wrong, what its caller is told, and as what that is counted. */
interface BadTool extends BuiltTool {
  readonly what: string;
  readonly says: RegExp;
  readonly counted: 'failed' | 'timedOut';
}

const BAD: Readonly<Record<string, BadTool>> = {
  throws: {
    what: 'throws, with a path in its message',
    source: '{ handler: () => { throw new Error("no such table in /srv/app/data.db"); } }',
    says: /^Tool "throws" failed: no such table in \(path\)$/,
    counted: 'failed',
  },
  undefines: {
    what: 'returns undefined',
    source: '{ handler: () => undefined }',
    says: /returned undefined: return a string, a JSON value or null$/,
    counted: 'failed',
  },
  bigint: { what: 'returns a BigInt', source: '{ handler: () => ({ a: 1n }) }', says: /BigInt$/, counted: 'failed' },
  cycle: {
    what: 'returns a cycle',
    source: '{ handler: () => { const a = {}; a.a = a; return a; } }',
    says: /it contains itself$/,
    counted: 'failed',
  },
  hangs: {
    what: 'never returns',
    source: '{ handler: () => new Promise(() => {}) }',
    deadline: 50,
    says: /^Tool "hangs" timed out after 50 ms$/,
    counted: 'timedOut',
  },
  spins: {
    what: 'never returns, in a worker',
    run: 'worker',
    deadline: 300,
    source: '{ handler: () => { for (;;) {} } }',
    says: /^Tool "spins" timed out after 300 ms$/,
    counted: 'timedOut',
  },
  exits: {
    what: 'ends its worker',
    run: 'worker',
    source: '{ handler: () => process.exit(3) }',
    says: /^Tool "exits" failed: Call stopped: its worker ended: \S.*3$/,
    counted: 'failed',
  },
  aborts: {
    what: 'aborts its process, in a worker',
    run: 'worker',
    source: '{ handler: () => process.abort() }',
    says: /^Tool "aborts" failed: process\.abort\(\) is not supported in workers$/,
    counted: 'failed',
  },
  late: {
    what: 'throws from a timer, in a worker',
    run: 'worker',
    source: '{ handler: () => new Promise(() => setTimeout(() => { throw new Error("late"); })) }',
    says: /^Tool "late" failed: Call stopped: its worker ended: late$/,
    counted: 'failed',
  },
  unloadable: {
    what: 'does not load',
    source: '(() => { throw new Error("at load"); })()',
    says: /^Tool "unloadable" could not be loaded; the server knows why$/,
    counted: 'failed',
  },
  unconnected: {
    what: 'has a connector that cannot open',
    source: '{ connectors: ["db"], handler: () => "never" }',
    says: /^Tool "unconnected" could not be loaded; the server knows why$/,
    counted: 'failed',
  },
};

const FLOOD =
  '{ handler: (_, { progress }) => { for (let n = 1; n <= 100_000; n++) progress(n, { message: "n".repeat(100) }); return "done"; } }';
const FLOODS: Readonly<Record<string, BuiltTool>> = {
  flood: { source: FLOOD },
  workerFlood: { run: 'worker', source: FLOOD },
  logs: {
    source:
      '{ handler: (_, { log }) => { for (let n = 0; n < 100_000; n++) log("info", "n".repeat(100)); return "done"; } }',
  },
};

const db = 'export default { open: () => { throw new Error("connect ECONNREFUSED /var/run/db.sock"); } };';

let built: BuiltServer;
const events: ServerEvent[] = [];

beforeAll(async () => {
  built = await builtServer(
    { ...BAD, ...FLOODS, echo: { source: '{ handler: ({ text }) => text }' } },
    { connectors: { db: { module: './modules/connectors/db.js' } }, options: { metrics: true } },
  );
  await built.write({ 'modules/connectors/db.js': db });
});

afterAll(() => built[Symbol.asyncDispose]());

function openServer(): McpServer {
  return createServerFromManifest(built.directory, { onEvent: (event) => events.push(event) });
}

/** One sentence without a stack or a path. */
function expectSafe(text: string): void {
  expect(text).not.toMatch(/\n|\bat \S+:\d+|file:|node_modules|\/tmp\/|\/srv\/|\/var\/|\.[jt]s\b/);
  expect(text.length).toBeLessThan(300);
}

function expectBad(name: string, message: WireMessage | undefined): void {
  const text = textOf({ json: message } as WireAnswer);
  expect(message?.result?.isError).toBe(true);
  expect(text).toMatch(BAD[name]?.says ?? /never/);
  expectSafe(text);
}

function expectCounted(server: McpServer, name: string): void {
  const { counted = 'failed' } = BAD[name] ?? {};
  expect(server.metrics?.snapshot().tools[name]).toMatchObject({ calls: 1, [counted]: 1 });
}

const rows = Object.entries(BAD).map(([name, { what }]) => [what, name] as const);

describe('over HTTP, a tool that', () => {
  let live: Running;
  beforeAll(async () => {
    live = await running(openServer());
  });
  afterAll(() => live[Symbol.asyncDispose]());

  it.each(rows)('%s gives its caller an error result, is counted, and leaves the server well', async (_, name) => {
    const before = events.length;
    expectBad(name, (await live.call(name)).json);
    expectCounted(live.server, name);
    if (BAD[name]?.counted === 'failed' && /failed:|loaded/.test(String(BAD[name]?.says))) {
      expect(events.slice(before).some(({ type }) => type === 'handler-failed')).toBe(true);
    }
    expect(textOf(await live.call('echo', { text: 'well' }))).toBe('well');
  });

  it.each(['flood', 'workerFlood'])(
    'floods progress (%s) has it thinned out, in order, up to the last',
    async (name) => {
      const { events: heard, json } = await live.call(name, {}, withProgress());
      expect(textOf({ json } as WireAnswer)).toBe('done');
      const steps = heard.flatMap(({ params }) => (params === undefined ? [] : [Number(params.progress)]));
      expect(steps.length).toBeLessThan(5000);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      expect(steps.at(-1)).toBe(100_000);
    },
  );

  it('floods the log has it cut', async () => {
    const meta = { _meta: { ...metaOf(modernMessage('tools/call')), 'io.modelcontextprotocol/logLevel': 'debug' } };
    const { events: heard, json } = await live.call('logs', {}, meta);
    expect(textOf({ json } as WireAnswer)).toBe('done');
    expect(heard.length).toBe(1000 + 1);
  });

  it('gets arguments of 10,000 levels does not see them', async () => {
    const request = modernRequest('tools/call', { name: 'echo', arguments: { a: 'deep' } });
    const { status, json } = await send(live.url, { ...request, body: deepened(String(request.body)) });
    expect(status).toBe(400);
    expect(json?.error).toMatchObject({ code: -32600 });
    expectSafe(json?.error?.message ?? '');
    expect(live.server.metrics?.snapshot().refused).toMatchObject({ '-32600': 1 });
    expect(textOf(await live.call('echo', { text: 'well' }))).toBe('well');
  });
});

describe('over stdio, a tool that', () => {
  let server: McpServer;
  let ask: (line: string) => Promise<readonly WireMessage[]>;
  beforeAll(() => {
    server = openServer();
    ask = openStdio(server);
  });
  afterAll(() => server.close());

  const call = async (name: string, input: object = {}, params: object = {}) =>
    ask(JSON.stringify(modernMessage('tools/call', { name, arguments: input, ...params })));

  it.each(rows)('%s gives its caller an error result, is counted, and leaves the server well', async (_, name) => {
    expectBad(name, (await call(name)).at(-1));
    expectCounted(server, name);
    expect((await call('echo', { text: 'well' })).at(-1)?.result?.content).toEqual([{ type: 'text', text: 'well' }]);
  });

  it.each(['flood', 'workerFlood'])('floods progress (%s) has it thinned out, up to the last', async (name) => {
    const heard = await call(name, {}, withProgress());
    expect(heard.length).toBeLessThan(5000);
    expect(heard.at(-2)?.params?.progress).toBe(100_000);
    expect(heard.at(-1)?.result?.content).toEqual([{ type: 'text', text: 'done' }]);
  });

  it('gets arguments of 10,000 levels does not see them', async () => {
    const message = modernMessage('tools/call', { name: 'echo', arguments: { a: 'deep' } });
    const [answer] = await ask(deepened(JSON.stringify(message)));
    expect(answer?.error).toMatchObject({ code: -32600 });
    expect(server.metrics?.snapshot().refused).toMatchObject({ '-32600': 1 });
  });
});

/** Too deep for `JSON.stringify`. */
function deepened(json: string): string {
  return json.replace('"deep"', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`);
}

function withProgress(): object {
  return { _meta: { ...metaOf(modernMessage('tools/call')), progressToken: 7 } };
}

function metaOf(message: object): object {
  const { params } = message as { readonly params: { readonly _meta: object } };
  return params._meta;
}

/** One request at a time: what comes up to its answer, which is last. */
function openStdio(server: McpServer): (line: string) => Promise<readonly WireMessage[]> {
  const input = new PassThrough();
  const output = new PassThrough();
  serveStdio(server, { input, output });
  let rest = '';
  let heard: WireMessage[] = [];
  let resolve: ((messages: readonly WireMessage[]) => void) | undefined;
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as WireMessage;
      heard.push(message);
      if (message.method === undefined) resolve?.(heard);
    }
  });
  return (line) => {
    heard = [];
    const answered = new Promise<readonly WireMessage[]>((done) => {
      resolve = done;
    });
    input.write(`${line}\n`);
    return answered;
  };
}
