import { Readable } from 'node:stream';
import { defineTool } from '@mcpgen/server';
import { type AnyTool, createServer, type McpServerOptions, type ServerEvent } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { info, serve } from './cached-tool.ts';
import { type Running, running, textOf } from './running.ts';
import { modernRequest, send, type WireAnswer } from './wire.ts';

const eras = ['2026-07-28', '2025-11-25'] as const;

async function callIn(era: string, { url }: Running, name = 'tool'): Promise<WireAnswer> {
  const params = { name, arguments: {} };
  if (era === '2026-07-28') return send(url, modernRequest('tools/call', params));
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  return send(url, { headers: { 'mcp-protocol-version': era }, body });
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

const row = (id: number) => ({ id, name: `Ann "${id}" 😀\n`, tags: ['a', 'b'] });
const many = Array.from({ length: 20_000 }, (_, id) => row(id));
const lines = Array.from({ length: 40_000 }, (_, index) => `line ${index} 😀 "quoted"\n`);
const output = z.object({ total: z.number(), rows: z.array(z.object({ id: z.number() }).loose()) });

describe.each(eras)('what a handler gives bit by bit, in %s', (era) => {
  it.each<[string, AnyTool['handler'], string]>([
    ['texts', () => each(['a', 'b', '', 'c']), 'abc'],
    ['nothing', () => each([]), ''],
    ['bytes, cut inside a character', () => each([Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]), 'é'],
    ['a stream of Node', () => Readable.from([Buffer.from('a'), Buffer.from('b')]), 'ab'],
    ['a web stream', () => new Blob(['web']).stream(), 'web'],
    ['rows', () => each([{ a: 1 }, null, undefined, [2]]), '[{"a":1},null,null,[2]]'],
    ['much text', () => each(lines), lines.join('')],
    ['one long text', () => each(['😀'.repeat(300_000)]), '😀'.repeat(300_000)],
    ['many rows', () => each(many), JSON.stringify(many)],
    [
      'rows in a field',
      () => ({ a: 1, gone: undefined, rows: each(many), z: 'z' }),
      JSON.stringify({ a: 1, rows: many, z: 'z' }),
    ],
  ])('is one text: %s', async (_what, handler, text) => {
    await using it = await serve({ handler });
    const answer = await callIn(era, it);
    expect(answer.json?.result?.content).toEqual([{ type: 'text', text }]);
    expect(answer.headers['transfer-encoding']).toBe(text.length > 300_000 ? 'chunked' : undefined);
  });

  it('is structured content, and text too while it is short', async () => {
    const value = { total: 2, rows: [row(1), row(2)] };
    await using it = await serve(defineTool({ output, handler: () => ({ ...value, rows: each(value.rows) }) }));
    const { result } = (await callIn(era, it)).json ?? {};
    expect(result).toMatchObject({ structuredContent: value, content: [{ text: JSON.stringify(value) }] });
  });

  it('is structured content, with a text that says so, once it is long', async () => {
    await using it = await serve(defineTool({ output, handler: () => ({ total: 1, rows: each(many) }) }));
    const { result } = (await callIn(era, it)).json ?? {};
    expect(result?.structuredContent).toEqual({ total: 1, rows: many });
    expect(result?.content).toEqual([{ type: 'text', text: 'The result is in structuredContent' }]);
  });

  it('is structured content of a result in full', async () => {
    const handler = () => ({
      content: [{ type: 'text', text: 'rows' }],
      structuredContent: { rows: each(many) },
      _meta: { a: 1 },
    });
    await using it = await serve({ handler });
    const { result } = (await callIn(era, it)).json ?? {};
    expect(result).toMatchObject({ content: [{ text: 'rows' }], structuredContent: { rows: many }, _meta: { a: 1 } });
  });

  it.each<[string, unknown]>([
    ['a text', `"${'é😀\n'.repeat(300_000)}`],
    ['a list', many],
    [
      'a deep object',
      { list: many, date: new Date(0), gone: undefined, call: () => 1, deep: { again: [many, new Map()] } },
    ],
    ['a list that holds one long text', ['a', 'x'.repeat(2_000_000), undefined, 'b']],
  ])('is the same as at once: %s that is large', async (_what, value) => {
    await using it = await serve({ handler: () => value as object });
    const answer = await callIn(era, it);
    expect(answer.headers['transfer-encoding']).toBe('chunked');
    expect(textOf(answer)).toBe(typeof value === 'string' ? value : JSON.stringify(value));
  });
});

describe('rows under an output schema', () => {
  it('reach clients of 2026 as a list, and those of 2025, who take objects alone, as text', async () => {
    await using it = await serve(defineTool({ output: z.array(z.number()), handler: () => each([1, 2]) }));
    expect((await callIn('2026-07-28', it)).json?.result).toMatchObject({ structuredContent: [1, 2] });
    const { result } = (await callIn('2025-11-25', it)).json ?? {};
    expect(result).toEqual({ content: [{ type: 'text', text: '[1,2]' }] });
  });

  it.each<[string, () => object, RegExp]>([
    [
      'a row',
      () => ({ total: 1, rows: each([{ id: 1 }, { id: 'x' }]) }),
      /^Tool "tool" streamed a value .+ refuses: \/rows\/1\/id /,
    ],
    ['what stands around', () => ({ total: 'x', rows: each([{ id: 1 }]) }), /refuses: \/total /],
    ['what stands around no row', () => ({ rows: each([]) }), /refuses: \/total /],
  ])('are refused for %s', async (_what, handler, says) => {
    const events: ServerEvent[] = [];
    await using it = await serve(defineTool({ output, handler }), { onEvent: (event) => events.push(event) });
    const answer = await it.call('tool');
    expect(answer.json?.result?.isError).toBe(true);
    expect(textOf(answer)).toMatch(says);
    expect(events).toContainEqual(expect.objectContaining({ type: 'result-invalid', what: 'tool "tool"' }));
  });
});

/** Text, then what the test says; tells whether it was left. */
function failing(count: number, end: () => unknown) {
  const left: string[] = [];
  const handler = async function* (_input: unknown, { signal }: { signal: AbortSignal }) {
    signal.addEventListener('abort', () => left.push('aborted'));
    try {
      for (let index = 0; index < count; index++) yield `line ${index}\n`.padEnd(100, '.');
      yield await end();
    } finally {
      left.push('left');
    }
  };
  return { tool: { handler, deadline: 200 } satisfies Partial<AnyTool>, left };
}

const ends: readonly (readonly [string, () => unknown, McpServerOptions, RegExp])[] = [
  ['an error', () => Promise.reject(new Error('lost /var/db/x')), {}, /^Tool "tool" failed: lost \(path\)$/],
  ['no text', () => 1, {}, /^Tool "tool" streamed a value of type number among its text$/],
  ['silence', () => new Promise(() => {}), {}, /^Tool "tool" timed out after 200 ms$/],
];

describe('a stream that fails', () => {
  it.each(ends)('before anything was sent, is an error: %s', async (_what, end, options, says) => {
    const { tool, left } = failing(10, end);
    await using it = await serve(tool, options);
    const answer = await it.call('tool');
    expect(answer.headers['content-length']).toBeDefined();
    expect(answer.json?.result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(says) }] });
    expect(left).toContain('aborted');
  });

  it.each(ends)('in the middle, is closed and marked as an error: %s', async (_what, end, options, says) => {
    const { tool, left } = failing(10_000, end);
    await using it = await serve(tool, options);
    const answer = await it.call('tool');
    expect(answer.headers['transfer-encoding']).toBe('chunked');
    const { content, isError } = answer.json?.result ?? {};
    expect(isError).toBe(true);
    expect(content).toEqual([
      { type: 'text', text: expect.stringMatching(/^line 0\.*/) },
      { type: 'text', text: expect.stringMatching(says) },
    ]);
    expect(left).toContain('aborted');
    expect(textOf(await it.call('tool'))).toContain('line 9999');
  });

  it.each([
    ['rows', () => each([...many, 1n as unknown as object])],
    ['a field', () => ({ rows: each([...many, 1n as unknown as object]) })],
  ])('among %s, keeps what was sent valid', async (_what, handler) => {
    await using it = await serve({ output: {}, handler });
    const { result } = (await it.call('tool')).json ?? {};
    expect(result?.isError).toBe(true);
    const { structuredContent: sent } = result ?? {};
    const rows = typeof sent === 'object' && sent !== null && 'rows' in sent ? sent.rows : sent;
    expect(rows).toEqual(many);
    expect(result?.content).toEqual([{ type: 'text', text: expect.stringContaining('contains a BigInt') }]);
  });

  it('at the limit of results, is left there', async () => {
    const { tool, left } = failing(Number.POSITIVE_INFINITY, () => '');
    await using it = await serve({ ...tool, deadline: '30s' }, { resultLimit: 1024 * 1024 });
    const answer = await it.call('tool');
    expect(answer.text.length).toBeLessThan(1.3 * 1024 * 1024);
    expect(answer.json?.result?.content).toContainEqual({ type: 'text', text: 'Tool "tool" result exceeds 1 MB' });
    expect(left).toEqual(expect.arrayContaining(['aborted', 'left']));
  });

  it.each<[string, unknown]>([
    ['a text', 'x'.repeat(3_000_000)],
    ['a text of quotes', '"'.repeat(1_500_000)],
    ['a list', many.concat(many)],
  ])('is refused as a whole where it is there as a whole: %s past the limit', async (_what, value) => {
    await using it = await serve({ handler: () => value as object }, { resultLimit: 2 * 1024 * 1024 });
    const answer = await it.call('tool');
    expect(answer.text.length).toBeLessThan(1024);
    expect(textOf(answer)).toMatch(/^Tool "tool" result (of 2\.9 MB )?exceeds 2 MB$/);
  });
});

describe('a stream where none can be sent', () => {
  it('is collected in a batch', async () => {
    const server = createServer({ info, tools: { rows: { handler: () => each(many) }, one: { handler: () => 1 } } });
    await using it = await running(server);
    const call = (id: number, name: string) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } });
    const body = JSON.stringify([call(1, 'rows'), call(2, 'one')]);
    const { text } = await send(it.url, { body, headers: { 'mcp-protocol-version': '2025-03-26' } });
    expect(JSON.parse(text)).toMatchObject([{ result: { content: [{ text: JSON.stringify(many) }] } }, { id: 2 }]);
  });

  it('is collected for all who share it, and kept', async () => {
    let runs = 0;
    const handler = () => each([...many, { runs: ++runs }]);
    await using it = await serve({ handler, annotations: { readOnlyHint: true }, cache: { ttl: '1h' } });
    const answers = await Promise.all([it.call('tool'), it.call('tool')]);
    answers.push(await it.call('tool'));
    for (const answer of answers) expect(textOf(answer)).toBe(JSON.stringify([...many, { runs: 1 }]));
  });
});
