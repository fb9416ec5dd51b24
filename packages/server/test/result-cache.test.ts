import {
  type AnyTool,
  createServer,
  createServerFromManifest,
  manifestCatalogue,
  readManifest,
  type ServerEvent,
} from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { builtServer } from './built-server.ts';
import { byHeader, cachedTool, type Handle, info, serve, textFor } from './cached-tool.ts';
import { type Running, running, textOf } from './running.ts';
import { META, send, type WireAnswer } from './wire.ts';

const HOUR = 3_600_000;

/** A call in the 2025 era. */
function callLegacy({ url }: Running): Promise<WireAnswer> {
  const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'tool', arguments: {} } };
  return send(url, { headers: { 'mcp-protocol-version': '2025-11-25' }, body: JSON.stringify(body) });
}

describe('a tool with a cache', () => {
  it('runs once for the same arguments, as validated and with defaults', async () => {
    const { tool, runs } = cachedTool({ input: z.object({ a: z.number(), b: z.string().default('x') }) });
    await using it = await serve(tool);
    expect(textOf(await it.call('tool', { a: 1, b: 'x' }))).toBe('run 1');
    expect(textOf(await it.call('tool', { b: 'x', a: 1 }))).toBe('run 1');
    expect(textOf(await it.call('tool', { a: 1 }))).toBe('run 1');
    expect(runs()).toBe(1);
  });

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: null }, {}],
    [{ a: '' }, { a: null }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: 'b":"c' }, { a: 'b', c: '' }],
  ])('runs again for other arguments: %j, %j', async (one, other) => {
    const { tool } = cachedTool({ input: { type: 'object' } });
    await using it = await serve(tool);
    expect(textOf(await it.call('tool', one))).toBe('run 1');
    expect(textOf(await it.call('tool', other))).toBe('run 2');
    expect(textOf(await it.call('tool', one))).toBe('run 1');
  });

  it('forgets by its clock', async () => {
    const { tool } = cachedTool();
    let now = 0;
    await using it = await serve(tool, { resultCache: { now: () => now } });
    expect(textOf(await it.call('tool'))).toBe('run 1');
    now = 0.89 * HOUR; // lifetimes are shortened by up to a tenth
    expect(textOf(await it.call('tool'))).toBe('run 1');
    now = HOUR + 1;
    expect(textOf(await it.call('tool'))).toBe('run 2');
  });

  it('keeps no more than it may', async () => {
    const { tool } = cachedTool({ input: { type: 'object' } }, (_input, _context, run) => `${run} ${'x'.repeat(1000)}`);
    await using it = await serve(tool, { resultCache: { maxBytes: 10_000 } });
    for (let a = 0; a < 6; a++) await it.call('tool', { a });
    expect(textOf(await it.call('tool', { a: 5 }))).toMatch(/^6 /);
    expect(textOf(await it.call('tool', { a: 0 }))).toMatch(/^7 /);
  });

  it('answers in the form of each era, to each id', async () => {
    const output = z.array(z.number());
    const { tool, runs } = cachedTool({ output }, (_input, _context, run) => [run]);
    await using it = await serve(tool);
    const _meta = { ...META, 'io.modelcontextprotocol/logLevel': 'info' }; // which is what the 2025 era begins with
    const callModern = (): Promise<WireAnswer> => it.call('tool', {}, { _meta });
    const modern = [await callModern(), await callModern()].map(({ json }) => json);
    expect(modern[1]).toEqual(modern[0]);
    expect(modern[1]?.result).toMatchObject({ structuredContent: [1], resultType: 'complete' });
    const legacy = [await callLegacy(it), await callLegacy(it)].map(({ json }) => json);
    expect(legacy[1]).toEqual(legacy[0]);
    expect(legacy[1]).toEqual({ jsonrpc: '2.0', id: 7, result: { content: [{ type: 'text', text: '[2]' }] } });
    expect(runs()).toBe(2);
  });

  it('keeps structured content, metadata and blocks of a result of its own', async () => {
    const result = {
      content: [{ type: 'text', text: 'hé' }],
      structuredContent: { n: 1 },
      _meta: { 'a/b': true },
    } as const;
    const { tool } = cachedTool({}, (_input, _context, run) => ({ ...result, _meta: { ...result._meta, run } }));
    await using it = await serve(tool);
    await it.call('tool');
    const { _meta, ...rest } = (await it.call('tool')).json?.result ?? {};
    expect(rest).toEqual({ content: result.content, structuredContent: { n: 1 }, resultType: 'complete' });
    expect(_meta).toMatchObject({ 'a/b': true, run: 1, 'io.modelcontextprotocol/serverInfo': info });
  });
});

describe('the key of a cached result', () => {
  it('keeps callers apart, and what they may do', async () => {
    const { tool } = cachedTool({}, (_input, { caller }, run) => `${caller?.subject} ${run}`);
    await using it = await serve(tool, {}, byHeader);
    expect(await textFor(it, {})).toBe('ann 1');
    expect(await textFor(it, { scopes: [] })).toBe('ann 1');
    expect(await textFor(it, { subject: 'bob' })).toBe('bob 2');
    expect(await textFor(it, { issuer: 'other' })).toBe('ann 3');
    expect(await textFor(it, { clientId: 'app' })).toBe('ann 4');
    expect(await textFor(it, { scopes: ['write', 'read'] })).toBe('ann 5');
    expect(await textFor(it, { scopes: ['read', 'write'] })).toBe('ann 5');
    expect(await textFor(it, { scopes: ['read'] })).toBe('ann 6');
  });

  it('leaves the caller out by the word of the tool, which then does not see it', async () => {
    const { tool } = cachedTool(
      { cache: { ttl: 1000, scope: 'public' } },
      (_input, { caller }, run) => `${caller} ${run}`,
    );
    await using it = await serve(tool, {}, byHeader);
    expect(await textFor(it, {})).toBe('undefined 1');
    expect(await textFor(it, { subject: 'bob', scopes: ['all'] })).toBe('undefined 1');
  });

  it('lacks what a client says of itself, so the handler does not see that', async () => {
    const { tool } = cachedTool({}, (_input, { meta, can }) => `${JSON.stringify(meta)} ${can('elicitation')}`);
    await using it = await serve(tool);
    const _meta = { ...META, 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} }, traceparent: '00-1' };
    expect(textOf(await it.call('tool', {}, { _meta }))).toBe('{} false');
  });

  it('keeps tools of one server apart', async () => {
    const [one, other] = [cachedTool({}, () => 'one'), cachedTool({}, () => 'other')];
    await using it = await running(createServer({ info, tools: { one: one.tool, other: other.tool } }));
    expect([textOf(await it.call('one')), textOf(await it.call('other'))]).toEqual(['one', 'other']);
  });
});

describe('what is not kept', () => {
  it.each<[string, Partial<AnyTool>, Handle]>([
    ['an error result', {}, () => ({ content: [], isError: true })],
    [
      'what a handler throws',
      {},
      () => {
        throw new Error('down');
      },
    ],
    ['a value that the output schema refuses', { output: z.object({ n: z.number() }) }, () => ({ n: 'x' })],
    ['a value that JSON cannot hold', {}, () => 1n as unknown as number],
    ['a run that ends at its deadline', { deadline: 20 }, () => new Promise(() => {})],
    [
      'an input that the handler has asked for in vain',
      {},
      (_input, { elicit }) => elicit({ mode: 'url', message: '', url: '' }),
    ],
  ])('%s', async (_what, more, handle) => {
    const { tool, runs } = cachedTool(more, handle);
    await using it = await serve(tool);
    const answers = [await it.call('tool'), await it.call('tool')];
    expect(answers.map(({ json }) => json?.result?.isError)).toEqual([true, true]);
    expect(runs()).toBe(2);
  });

  it('a result that reported progress or logs on its way', async () => {
    const { tool, runs } = cachedTool({}, (_input, { progress, log }, run) => {
      progress(1);
      log('info', 'on my way');
      return `run ${run}`;
    });
    await using it = await serve(tool);
    const heard = async (more: object): Promise<number> =>
      (await it.call('tool', {}, { _meta: { ...META, ...more } })).events.length;
    expect(await heard({ progressToken: 0 })).toBe(2);
    expect(await heard({ progressToken: 'b' })).toBe(2);
    expect(await heard({ 'io.modelcontextprotocol/logLevel': 'info' })).toBe(2);
    expect(await heard({ 'io.modelcontextprotocol/logLevel': 'info' })).toBe(2);
    expect(runs()).toBe(4);
    expect(await heard({})).toBe(0); // nothing went out, so this one is kept: for those who do not listen either
    expect(await heard({})).toBe(0);
    expect(runs()).toBe(5);
    expect(await heard({ progressToken: 'c' })).toBe(2);
  });

  it('a call with answers of its user', async () => {
    const { tool, runs } = cachedTool();
    await using it = await serve(tool);
    const inputResponses = { 'elicitation-1': { action: 'decline' } };
    await it.call('tool', {}, { inputResponses });
    await it.call('tool', {}, { inputResponses });
    await it.call('tool');
    expect(runs()).toBe(3);
  });

  it.each<[string, Partial<AnyTool>, string]>([
    ['says nothing of what it changes', { annotations: {} }, 'its annotations do not say "readOnlyHint": true'],
    [
      'says that it changes things',
      { annotations: { readOnlyHint: false } },
      'its annotations do not say "readOnlyHint": true',
    ],
    ['asks its client', { uses: ['elicitation'] }, 'it asks its client, as "uses" says'],
    [
      'is called with what is not JSON',
      { input: z.object({}).transform(() => ({ at: new Date(0) })) },
      'its arguments, as its schema makes them, are not plain JSON',
    ],
  ])('anything of a tool that %s, and the operator is told once', async (_what, more, reason) => {
    const events: ServerEvent[] = [];
    const { tool, runs } = cachedTool(more);
    await using it = await serve(tool, { onEvent: (event) => events.push(event) });
    for (const _ of [1, 2, 3]) await it.call('tool');
    expect(runs()).toBe(3);
    expect(events.filter(({ type }) => type === 'not-cached')).toEqual([
      { type: 'not-cached', what: 'tool "tool"', reason },
    ]);
  });
});

describe('a built server', () => {
  const source = '{ runs: 0, async handler({ a }) { return `${a} ${++this.runs}`; } }';
  const cache = { ttl: HOUR, scope: 'user' } as const;
  const annotations = { readOnlyHint: true };

  it('caches by its manifest and its list', async () => {
    await using built = await builtServer({
      kept: { source, cache, annotations },
      silent: { source, cache },
      without: { source, annotations },
    });
    const events: ServerEvent[] = [];
    await using it = await running(
      createServerFromManifest(built.directory, { onEvent: (event) => events.push(event) }),
    );
    const twice = async (name: string): Promise<string[]> => [
      textOf(await it.call(name, { a: 'x' })),
      textOf(await it.call(name, { a: 'x' })),
    ];
    expect(await twice('kept')).toEqual(['x 1', 'x 1']);
    expect(textOf(await it.call('kept', { a: 'y' }))).toBe('y 2');
    expect(await twice('silent')).toEqual(['x 1', 'x 2']);
    expect(await twice('without')).toEqual(['x 1', 'x 2']);
    expect(events.filter(({ type }) => type === 'not-cached')).toHaveLength(1);
    it.server.replace(manifestCatalogue(readManifest(built.directory), built.directory));
    expect(textOf(await it.call('kept', { a: 'x' }))).toBe('x 3');
  });

  it('caches what a worker thread answers', async () => {
    await using built = await builtServer({ kept: { run: 'worker', source, cache, annotations } });
    await using it = await running(createServerFromManifest(built.directory));
    expect(textOf(await it.call('kept', { a: 'x' }))).toBe('x 1');
    expect(textOf(await it.call('kept', { a: 'x' }))).toBe('x 1');
  });
});
