import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { defineTool, type ServerOptionsManifest } from '@mcpgen/server';
import { createServer } from '@mcpgen/server/runtime';
import { describe, expect, it, vi } from 'vitest';
import { running } from './running.ts';
import { modernRequest, send } from './wire.ts';

const tools = {
  echo: defineTool({
    input: { type: 'object', properties: { text: { type: 'string' } } },
    handler: ({ text }) => String(text),
  }),
  fails: defineTool({
    handler: () => {
      throw new Error('no');
    },
  }),
  says: defineTool({ handler: () => ({ content: [], isError: true }) }),
  flows: defineTool({
    handler: async function* () {
      for (;;) yield 'x'.repeat(100_000);
    },
  }),
  hangs: defineTool({ deadline: 20, handler: () => new Promise<string>(() => {}) }),
};

const server = (options: ServerOptionsManifest = { metrics: true }) =>
  createServer({ info: { name: 'counted', version: '1.0.0' }, tools, options });

const get = (url: string, headers = {}) => send(url, { method: 'GET', path: '/metrics', headers });

describe('a server with metrics', () => {
  it('counts calls, whatever becomes of them, and refusals', async () => {
    await using it = await running(server());
    await it.call('echo', { text: 'hi' });
    await it.call('echo', { text: 'hi' });
    await it.call('echo', { text: 1 });
    for (const name of ['fails', 'says', 'hangs', 'nobody']) await it.call(name);
    const { tools: counted = {}, refused } = it.server.metrics?.snapshot() ?? {};
    expect(counted.echo).toMatchObject({ calls: 3, invalid: 1, failed: 0 });
    expect(counted.fails).toMatchObject({ calls: 1, failed: 1 });
    expect(counted.says).toMatchObject({ calls: 1, failed: 1 });
    expect(counted.hangs).toMatchObject({ calls: 1, timedOut: 1, failed: 0 });
    expect(Object.keys(counted)).not.toContain('nobody');
    expect(refused).toEqual({ '-32602': 1 });
  });

  it('shows them to whoever may call', async () => {
    await using it = await running(server(), {
      authenticate: ({ headers }) =>
        headers.authorization === 'Bearer ok' ? { issuer: 'i', subject: 's', scopes: [] } : undefined,
    });
    expect(await get(it.url)).toMatchObject({ status: 401 });
    const shown = await get(it.url, { authorization: 'Bearer ok' });
    expect(shown).toMatchObject({ status: 200, headers: { 'content-type': expect.stringContaining('version=0.0.4') } });
    expect(shown.text).toContain('# TYPE mcp_tool_call_duration_seconds histogram');
    expect(await send(it.url, { method: 'POST', path: '/metrics' })).toMatchObject({ status: 405 });
  });

  it('counts a result that is sent while it is made when it ends', async () => {
    await using it = await running(server({ metrics: true, resultLimit: 1_000_000_000 }));
    const { headers, body } = modernRequest('tools/call', { name: 'flows', arguments: {} });
    const json = { 'content-type': 'application/json' };
    const request = httpRequest(it.url, { method: 'POST', headers: { ...json, ...headers } }).on('error', () => {});
    request.end(body);
    await once(request, 'response');
    expect(it.server.metrics?.snapshot().tools).toEqual({});
    request.destroy();
    const counted = { calls: 1, cancelled: 1, failed: 0 };
    await vi.waitFor(() => expect(it.server.metrics?.snapshot().tools.flows).toMatchObject(counted));
  });

  it('has none unless asked for', async () => {
    await using it = await running(server({}));
    expect(it.server.metrics).toBeUndefined();
    expect(await get(it.url)).toMatchObject({ status: 404 });
  });
});
