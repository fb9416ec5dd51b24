import { createServer, createServerFromManifest, type ServerEvent } from '@mcpgen/server/runtime';
import { describe, expect, it, vi } from 'vitest';
import { builtServer } from './built-server.ts';
import { cachedTool, info, serve } from './cached-tool.ts';
import { running, textOf } from './running.ts';
import { META, modernRequest, send } from './wire.ts';

const SECOND = 1000;

describe('a tool with staleWhileRevalidate', () => {
  it('answers at once when its result is stale, and renews it in the background', async () => {
    const { tool, runs } = cachedTool({ cache: { ttl: '1s', staleWhileRevalidate: '1m' } });
    let now = 0;
    await using it = await serve(tool, { resultCache: { now: () => now } });
    expect(textOf(await it.call('tool'))).toBe('run 1');
    now = 2 * SECOND;
    expect(textOf(await it.call('tool'))).toBe('run 1');
    await vi.waitFor(() => expect(it.server.resultCacheStats()?.stored).toBe(2));
    expect(textOf(await it.call('tool'))).toBe('run 2');
    now = 65 * SECOND; // past the end of both
    expect(textOf(await it.call('tool'))).toBe('run 3');
    expect(runs()).toBe(3);
    expect(it.server.resultCacheStats()).toMatchObject({ hits: 2, stale: 1, misses: 2, refreshes: 1, errors: 0 });
  });

  it('sends nothing of the renewal to the caller who was answered', async () => {
    const { tool, runs } = cachedTool(
      { cache: { ttl: '1s', staleWhileRevalidate: '1m' } },
      (_input, { progress, meta, caller }, run) => {
        if (run > 1) progress(1);
        return `run ${run} ${JSON.stringify(meta)} ${caller}`;
      },
    );
    let now = 0;
    await using it = await serve(tool, { resultCache: { now: () => now } });
    const _meta = { ...META, progressToken: 'p' };
    await it.call('tool', {}, { _meta });
    now = 2 * SECOND;
    const stale = await it.call('tool', {}, { _meta });
    await vi.waitFor(() => expect(runs()).toBe(2));
    expect(stale.events).toHaveLength(0);
    expect(textOf(stale)).toBe('run 1 {} undefined');
  });

  it('keeps the stale result when the renewal fails, and tells the operator', async () => {
    const { tool } = cachedTool(
      { cache: { ttl: '1s', staleWhileRevalidate: '1m', negativeTtl: '1m' }, deadline: 50 },
      (_input, _context, run) => {
        if (run === 2) throw new Error('down');
        return run === 3 ? new Promise(() => {}) : `run ${run}`;
      },
    );
    const events: ServerEvent[] = [];
    let now = 0;
    await using it = await serve(tool, { resultCache: { now: () => now }, onEvent: (event) => events.push(event) });
    await it.call('tool');
    for (const errors of [1, 2]) {
      now += 2 * SECOND;
      expect(textOf(await it.call('tool'))).toBe('run 1');
      await vi.waitFor(() => expect(it.server.resultCacheStats()).toMatchObject({ refreshes: errors, errors }));
    }
    const types = events.map(({ type }) => type).filter((type) => type !== 'listening');
    expect(types).toEqual(['handler-failed', 'refresh-failed', 'refresh-failed']);
    expect(textOf(await it.call('tool'))).toBe('run 1');
    await vi.waitFor(async () => expect(textOf(await it.call('tool'))).toBe('run 4'));
  });
});

describe('a tool with staleIfError', () => {
  it('answers by the stale result when its handler fails', async () => {
    const { tool } = cachedTool({ cache: { ttl: '1s', staleIfError: '1m' } }, (_input, _context, run) => {
      if (run > 1) throw new Error('down');
      return `run ${run}`;
    });
    let now = 0;
    await using it = await serve(tool, { resultCache: { now: () => now } });
    await it.call('tool');
    now = 30 * SECOND;
    expect(textOf(await it.call('tool'))).toBe('run 1');
    now = 62 * SECOND;
    expect(textOf(await it.call('tool'))).toBe('Tool "tool" failed: down');
  });
});

describe('a tool with negativeTtl', () => {
  it('keeps what it says of its failure for so long', async () => {
    const { tool } = cachedTool({ cache: { ttl: '1h', negativeTtl: '10s' } }, (_input, _context, run) => {
      if (run === 1) return { content: [{ type: 'text', text: 'no such city' }], isError: true };
      return `run ${run}`;
    });
    let now = 0;
    await using it = await serve(tool, { resultCache: { now: () => now } });
    for (const _ of [1, 2]) {
      const { json } = await it.call('tool');
      expect(json?.result).toMatchObject({ isError: true, content: [{ text: 'no such city' }] });
    }
    now = 11 * SECOND;
    expect(textOf(await it.call('tool'))).toBe('run 2');
  });

  it('never keeps a call that was cancelled', async () => {
    const { tool, runs, began } = cachedTool({ cache: { ttl: '1h', negativeTtl: '1h' } }, (_input, { signal }, run) => {
      if (run > 1) return `run ${run}`;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await using it = await serve(tool);
    const controller = new AbortController();
    const { headers, body } = modernRequest('tools/call', { name: 'tool', arguments: {} });
    const leaving = fetch(it.url, {
      method: 'POST',
      headers: { ...(headers as Record<string, string>), 'content-type': 'application/json' },
      body: String(body),
      signal: controller.signal,
    });
    await began;
    controller.abort();
    await leaving.catch(() => {});
    await vi.waitFor(async () => expect(textOf(await it.call('tool'))).toBe('run 2'));
    expect(runs()).toBe(2);
  });
});

describe('noStore', () => {
  it('keeps a result from being kept, said at any time of the run', async () => {
    const { tool, runs } = cachedTool({}, async (_input, { noStore }, run) => {
      if (run === 1) noStore();
      return `run ${run}`;
    });
    await using it = await serve(tool);
    for (const expected of ['run 1', 'run 2', 'run 2']) expect(textOf(await it.call('tool'))).toBe(expected);
    expect(runs()).toBe(2);
  });

  it('does nothing in a tool without a cache', async () => {
    await using it = await running(
      createServer({
        info,
        tools: { plain: { handler: (_input: never, { noStore }: { noStore(): void }) => noStore() ?? 'done' } },
      }),
    );
    expect(textOf(await it.call('plain'))).toBe('done');
  });

  it('is heard from a worker thread', async () => {
    const source =
      '{ runs: 0, async handler(_input, { noStore }) { if (this.runs === 0) noStore(); return `run ${++this.runs}`; } }';
    const cache = { ttl: 3_600_000, scope: 'user' } as const;
    await using built = await builtServer({
      kept: { run: 'worker', source, cache, annotations: { readOnlyHint: true } },
    });
    await using it = await running(createServerFromManifest(built.directory));
    for (const expected of ['run 1', 'run 2', 'run 2']) expect(textOf(await it.call('kept'))).toBe(expected);
  });
});

describe('clearResults', () => {
  it('forgets the results of one tool, or of all', async () => {
    const [one, other] = [cachedTool(), cachedTool()];
    await using it = await running(createServer({ info, tools: { one: one.tool, other: other.tool } }));
    const answers = async () => [textOf(await it.call('one')), textOf(await it.call('other'))];
    expect(it.server.resultCacheStats()).toBeUndefined();
    expect(await answers()).toEqual(['run 1', 'run 1']);
    expect(it.server.resultCacheStats()).toMatchObject({ entries: 2, misses: 2 });
    await it.server.clearResults('one');
    expect(await answers()).toEqual(['run 2', 'run 1']);
    await it.server.clearResults();
    expect(await answers()).toEqual(['run 3', 'run 2']);
  });
});

describe('what clients are told of caching', () => {
  it('is the time and scope of resources, read anew each time, and nothing of tools', async () => {
    const { tool } = cachedTool({ cache: { ttl: '5m', scope: 'public' } });
    const read = () => 'text';
    await using it = await running(
      createServer({
        info,
        tools: { tool },
        resources: {
          own: { uri: 'a://own', cache: { ttl: '5m' }, read },
          user: { uri: 'a://user', cache: { ttl: '5m', scope: 'user' }, read },
          public: { uri: 'a://public', cache: { ttl: '5m', scope: 'public' }, read },
          silent: { uri: 'a://silent', read },
        },
      }),
    );
    const hints = async (uri: string) => {
      const { json } = await send(it.url, modernRequest('resources/read', { uri }));
      return [json?.result?.ttlMs, json?.result?.cacheScope];
    };
    expect(await hints('a://own')).toEqual([300_000, 'private']);
    expect(await hints('a://user')).toEqual([300_000, 'private']);
    expect(await hints('a://public')).toEqual([300_000, 'public']);
    expect(await hints('a://silent')).toEqual([0, 'private']);
    const { json } = await it.call('tool');
    expect(json?.result).not.toHaveProperty('ttlMs');
  });
});
