import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { defineConnector, defineTool } from '@mcpgen/server';
import {
  createServer,
  createServerFromManifest,
  manifestCatalogue,
  readManifest,
  replaceDefinition,
  type ServerEvent,
} from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { builtServer } from './built-server.ts';
import { running, textOf } from './running.ts';
import { modernRequest, send } from './wire.ts';

const info = { name: 'test', version: '1.0.0' };

describe('a call of a tool', () => {
  it('gives the handler what its zod schema makes of the input', async () => {
    const tool = defineTool({
      input: z.object({ at: z.string().transform((text) => text.length), more: z.number().default(2) }),
      handler: ({ at, more }) => at + more,
    });
    await using it = await running(createServer({ info, tools: { tool } }));
    expect(textOf(await it.call('tool', { at: 'abc' }))).toBe('5');
  });

  it.each([
    ['a zod schema', z.object({ a: z.object({ b: z.number() }) })],
    [
      'JSON Schema',
      { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'number' } }, required: ['b'] } } },
    ],
  ])('tells the model what is wrong with its input, by %s', async (_what, input) => {
    await using it = await running(createServer({ info, tools: { tool: defineTool({ input, handler: () => 1 }) } }));
    const answer = await it.call('tool', { a: { b: 'x' } });
    expect(answer.json?.result?.isError).toBe(true);
    expect(textOf(answer)).toMatch(/^Invalid arguments for tool "tool": \/a\/b /);
  });

  it('ends at its deadline, and aborts', async () => {
    let aborted = false;
    const handler = (_input: unknown, { signal }: { signal: AbortSignal }): Promise<string> => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise(() => {});
    };
    await using it = await running(createServer({ info, tools: { slow: { deadline: '50ms', handler } } }));
    const answer = await it.call('slow');
    expect(answer.json?.result?.isError).toBe(true);
    expect(textOf(answer)).toBe('Tool "slow" timed out after 50 ms');
    expect(aborted).toBe(true);
  });

  it('says why a result cannot be sent, and names the tool', async () => {
    const tools = {
      big: { handler: () => 10n as unknown as number },
      nothing: { handler: () => undefined as unknown as null },
      large: { handler: () => 'x'.repeat(2 * 1024 * 1024) },
    };
    await using it = await running(createServer({ info, tools }, { resultLimit: 1024 * 1024 }));
    expect(textOf(await it.call('big'))).toBe(
      'Tool "big" returned a value that JSON cannot hold: it contains a BigInt',
    );
    expect(textOf(await it.call('nothing'))).toMatch(/^Tool "nothing" returned undefined/);
    expect(textOf(await it.call('large'))).toBe('Tool "large" result of 2 MB exceeds 1 MB');
  });

  it('holds a tool to its output schema', async () => {
    const output = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } as const;
    const tools = {
      right: { output, handler: () => ({ n: 1 }) },
      wrong: { output, handler: () => ({ n: 'x' }) },
      none: { output, handler: () => ({ content: [] }) },
      failed: { output, handler: () => ({ content: [], isError: true }) },
    };
    await using it = await running(createServer({ info, tools }));
    expect((await it.call('right')).json?.result?.structuredContent).toEqual({ n: 1 });
    expect(textOf(await it.call('wrong'))).toMatch(/its output schema refuses: \/n/);
    expect(textOf(await it.call('none'))).toMatch(/returned no structured content/);
    expect((await it.call('failed')).json?.result?.isError).toBe(true);
  });

  it('tells clients no stack and no path, and the operator all', async () => {
    const events: ServerEvent[] = [];
    const handler = () => {
      throw new Error('Cannot read /etc/app/secret.json');
    };
    await using it = await running(
      createServer({ info, tools: { tool: { handler } } }, { onEvent: (event) => events.push(event) }),
    );
    expect(textOf(await it.call('tool'))).toBe('Tool "tool" failed: Cannot read (path)');
    expect(events.find(({ type }) => type === 'handler-failed')).toMatchObject({
      error: { message: 'Cannot read /etc/app/secret.json' },
    });
  });

  it('stops when its client leaves', async () => {
    const { promise: began, resolve: begin } = Promise.withResolvers<void>();
    const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
    const handler = (_input: unknown, { signal }: { signal: AbortSignal }): Promise<string> => {
      signal.addEventListener('abort', () => abort());
      begin();
      return new Promise(() => {});
    };
    await using it = await running(createServer({ info, tools: { wait: { handler } } }));
    const { headers, body } = modernRequest('tools/call', { name: 'wait', arguments: {} });
    const request = httpRequest(it.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    request.on('error', () => {});
    request.end(body);
    await began;
    request.destroy();
    await aborted;
  });

  it('sends progress that grows, and stops when the answer is out', async () => {
    const handler = (_input: unknown, { progress }: { progress: (n: number) => void }): string => {
      for (const step of [1, 3, 2, 3, 4]) progress(step);
      setTimeout(() => progress(5));
      return 'done';
    };
    await using it = await running(createServer({ info, tools: { tool: { handler } } }));
    const { events } = await it.call('tool', {}, { _meta: { ...META, progressToken: 0 } });
    expect(events.slice(0, -1).map(({ params }) => params)).toEqual(
      [1, 3, 4].map((progress) => ({ progressToken: 0, progress })),
    );
    expect(events.at(-1)?.result).toBeDefined();
  });

  it('never gives one client the answer of another, whatever their ids', async () => {
    const handler = async ({ n }: { n: number }): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve));
      return n;
    };
    await using it = await running(createServer({ info, tools: { echo: { input: { type: 'object' }, handler } } }));
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => it.call('echo', { n })));
    expect(answers.map(textOf)).toEqual(answers.map((_, n) => String(n)));
  });
});

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

describe('connectors', () => {
  it('are opened once, on first use, and closed with the server', async () => {
    const log: string[] = [];
    const db = defineConnector({
      open: async () => {
        log.push('open');
        return { query: () => 42 };
      },
      close: () => void log.push('close'),
    });
    const tool = defineTool({ connectors: { db }, handler: (_input, { connectors }) => connectors.db.query() });
    {
      await using it = await running(createServer({ info, tools: { one: tool, two: { ...tool } } }));
      expect(log).toEqual([]);
      const answers = await Promise.all([it.call('one'), it.call('one'), it.call('two')]);
      expect(answers.map(textOf)).toEqual(['42', '42', '42']);
      expect(log).toEqual(['open']);
    }
    expect(log).toEqual(['open', 'close']);
  });

  it('that fail to open are tried again at the next call', async () => {
    let attempts = 0;
    const flaky = defineConnector({
      open: () => {
        attempts++;
        if (attempts === 1) throw new Error('not yet');
        return attempts;
      },
    });
    const tool = defineTool({ connectors: { flaky }, handler: (_input, { connectors }) => connectors.flaky });
    await using it = await running(createServer({ info, tools: { tool } }));
    expect((await it.call('tool')).json?.result?.isError).toBe(true);
    expect(textOf(await it.call('tool'))).toBe('2');
  });

  it('can be named', async () => {
    const tool = defineTool({ connectors: ['db'], handler: (_input, { connectors }) => String(connectors.db) });
    const lost = defineTool({ connectors: ['no'], handler: () => 1 });
    const connectors = { db: defineConnector({ open: () => 'opened' }) };
    await using it = await running(createServer({ info, tools: { tool, lost }, connectors }));
    expect(textOf(await it.call('tool'))).toBe('opened');
    expect((await it.call('lost')).json?.result?.isError).toBe(true);
  });
});

describe('a built server', () => {
  it('validates by compiled validators, which fill in defaults', async () => {
    await using built = await builtServer({
      tool: {
        source: '{ handler: ({ a }) => a }',
        validatorSource:
          '(input) => { input.a ??= "filled"; return typeof input.a === "string" ? true : [{ path: "/a", message: "must be a string" }]; }',
      },
    });
    await using it = await running(createServerFromManifest(built.directory));
    expect(textOf(await it.call('tool'))).toBe('filled');
    expect(textOf(await it.call('tool', { a: 1 }))).toBe('Invalid arguments for tool "tool": /a must be a string');
  });

  it('is not stalled by a pattern that backtracks', async () => {
    await using built = await builtServer({
      tool: {
        source: '{ handler: () => 1 }',
        validatorSource: '({ a }) => /^(a+)+$/.test(a) || [{ path: "/a", message: "must match the pattern" }]',
      },
    });
    await using it = await running(createServerFromManifest(built.directory));
    expect(textOf(await it.call('tool', { a: `${'a'.repeat(60)}!` }))).toContain('/a must match the pattern');
  });

  it('reports a module that does not load, and tries again', async () => {
    await using built = await builtServer({ tool: { source: '{ handler: () => "ok" }' } });
    const good = 'export default { handler: () => "ok" };';
    await built.write({ 'modules/tools/tool.js': 'export default' });
    const events: ServerEvent[] = [];
    let version = 0;
    const resolveModule = (path: string): string => `${new URL(path, built.directory).href}?v=${version++}`;
    await using it = await running(
      createServerFromManifest(built.directory, { resolveModule, onEvent: (event) => events.push(event) }),
    );
    expect(textOf(await it.call('tool'))).toBe('Tool "tool" could not be loaded; the server knows why');
    expect(events.some((event) => event.type === 'handler-failed')).toBe(true);
    await built.write({ 'modules/tools/tool.js': good });
    expect(textOf(await it.call('tool'))).toBe('ok');
  });

  it('tries a module again that threw when it was loaded, less and less often', async () => {
    const source = `(() => {
      globalThis.tries = (globalThis.tries ?? 0) + 1;
      if (globalThis.tries !== 2) throw new Error('not yet');
      return { handler: () => 'ok' };
    })()`;
    await using built = await builtServer({ tool: { source }, never: { source: source.replaceAll('tries', 'never') } });
    await using it = await running(createServerFromManifest(built.directory));
    expect(textOf(await it.call('tool'))).toBe('Tool "tool" could not be loaded; the server knows why');
    expect(textOf(await it.call('tool'))).toBe('ok');
    Reflect.set(globalThis, 'never', 2);
    for (let call = 0; call < 70; call++) await it.call('never');
    // The first try, one after each of 16 failures, and one each after 32 and 64.
    expect(Reflect.get(globalThis, 'never')).toBe(2 + 1 + 16 + 2);
  });

  it('loads a module once, however many calls wait for it', async () => {
    await using built = await builtServer({
      tool: { source: '{ loads: (globalThis.loads = (globalThis.loads ?? 0) + 1), handler: () => globalThis.loads }' },
    });
    await using it = await running(createServerFromManifest(built.directory));
    const answers = await Promise.all([it.call('tool'), it.call('tool'), it.call('tool')]);
    expect(answers.map(textOf)).toEqual(['1', '1', '1']);
  });

  it('runs a tool in a worker thread, so that others go on', async () => {
    await using built = await builtServer({
      spin: { run: 'worker', deadline: 300, source: '{ handler: () => { for (;;) {} } }' },
      thread: {
        run: 'worker',
        source:
          '{ handler: async ({ a }, { progress }) => { progress(1); return a + (await import("node:worker_threads")).isMainThread; } }',
      },
      echo: { source: '{ handler: ({ text }) => text }' },
    });
    await using it = await running(createServerFromManifest(built.directory));
    const spinning = it.call('spin');
    expect(textOf(await it.call('echo', { text: 'at once' }))).toBe('at once');
    expect(textOf(await spinning)).toBe('Tool "spin" timed out after 300 ms');
    expect(textOf(await it.call('thread', { a: 'main: ' }))).toBe('main: false');
  });

  it('lets calls in worker threads end when another build takes their place', async () => {
    await using built = await builtServer({
      thread: { run: 'worker', source: '{ handler: () => "done" }' },
      last: { source: '{ handler: () => void process.emit("arrived") }' },
    });
    const server = createServerFromManifest(built.directory);
    await using it = await running(server);
    for (const name of ['thread', 'last']) await it.call(name);
    const names = [...Array(20).fill('thread'), 'last'];
    const batch = names.map((name, id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } }));
    const replaced = once(process, 'arrived').then(() =>
      server.replace(manifestCatalogue(readManifest(built.directory), built.directory)),
    );
    const answer = await send(it.url, {
      headers: { 'mcp-protocol-version': '2025-03-26' },
      body: JSON.stringify(batch),
    });
    await replaced;
    expect(answer.text.match(/done/g)).toHaveLength(20);
  });

  it('finds no tool under the names of a prototype', async () => {
    await using built = await builtServer({});
    await using it = await running(createServerFromManifest(built.directory));
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect((await it.call(name)).json?.error?.code).toBe(-32601);
    }
  });
});

describe('lists', () => {
  const tools = Object.fromEntries(['c', 'a', 'b', 'd', 'e'].map((name) => [name, { handler: () => name }]));

  it('come in one piece, in bytewise order, with hints for caches', async () => {
    await using it = await running(createServer({ info, tools, options: { listTtl: 1000, listScope: 'private' } }));
    const { json } = await send(it.url, modernRequest('tools/list'));
    expect(names(json?.result)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(json?.result).toMatchObject({ ttlMs: 1000, cacheScope: 'private', resultType: 'complete' });
    expect(json?.result).not.toHaveProperty('nextCursor');
  });

  it('come in pages where a size is set', async () => {
    await using it = await running(createServer({ info, tools, options: { pageSize: 2 } }));
    const found: string[] = [];
    let cursor: unknown;
    do {
      const { json } = await send(it.url, modernRequest('tools/list', cursor === undefined ? {} : { cursor }));
      found.push(...names(json?.result));
      cursor = json?.result?.nextCursor;
    } while (cursor !== undefined);
    expect(found).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('change from one request to the next when the server is replaced', async () => {
    const server = createServer({ info, tools });
    await using it = await running(server);
    await send(it.url, modernRequest('tools/list'));
    replaceDefinition(server, { info, tools: { other: { handler: () => 1 } } });
    expect(names((await send(it.url, modernRequest('tools/list'))).json?.result)).toEqual(['other']);
  });
});

function names(result: Record<string, unknown> | undefined): string[] {
  const { tools } = result ?? {};
  return Array.isArray(tools) ? tools.map(({ name }: { name: string }) => name) : [];
}
