import { connect } from 'node:net';
import { createServer, serveHttp } from '@mcpgen/server/runtime';
import { describe, expect, it } from 'vitest';
import { running } from './running.ts';
import { modernRequest, send } from './wire.ts';

const definition = { info: { name: 'test', version: '1.0.0' }, tools: { echo: { handler: () => 'hi' } } };
const list = modernRequest('tools/list');

describe('serveHttp', () => {
  it('tells that it is alive, to hosts that are allowed', async () => {
    await using it = await running(createServer(definition));
    expect(await send(it.url, { method: 'GET', path: '/healthz' })).toMatchObject({ status: 200, text: 'ok\n' });
    expect((await send(it.url, { method: 'HEAD', path: '/healthz' })).status).toBe(200);
    expect((await send(it.url, { method: 'GET', path: '/healthz', headers: { host: 'evil.example' } })).status).toBe(
      403,
    );
  });

  it.each([
    ['nobody', () => undefined],
    ['nobody, later', async () => undefined],
    [
      'an error',
      () => {
        throw new Error('no');
      },
    ],
    [
      'an error, later',
      async () => {
        throw new Error('no');
      },
    ],
  ])('answers 401 where authenticate gives %s', async (_what, authenticate) => {
    await using it = await running(createServer(definition), { authenticate, challenge: 'Bearer realm="mcp"' });
    const answer = await send(it.url, list);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="mcp"');
    expect(answer.text).not.toContain('"no"');
  });

  it('gives handlers the caller', async () => {
    const caller = { issuer: 'i', subject: 's', scopes: ['a'] };
    const tools = { who: { handler: (_input: unknown, { caller }: { caller?: object }) => caller ?? null } };
    await using it = await running(createServer({ ...definition, tools }), { authenticate: () => caller });
    expect((await it.call('who')).json?.result?.content).toMatchObject([{ text: JSON.stringify(caller) }]);
  });

  it('lets web pages of configured origins read, and no others', async () => {
    await using it = await running(createServer(definition), { allowedOrigins: ['https://app.example'] });
    const from = (origin: string, method = 'POST') =>
      send(it.url, { ...list, method, headers: { ...list.headers, origin } });
    const allowed = await from('https://app.example');
    expect(allowed.headers).toMatchObject({ 'access-control-allow-origin': 'https://app.example', vary: 'Origin' });
    expect((await from('https://app.example', 'OPTIONS')).status).toBe(204);
    const local = await from('http://localhost:5173');
    expect([local.status, local.headers['access-control-allow-origin']]).toEqual([200, undefined]);
    expect((await from('https://evil.example')).status).toBe(403);
  });

  it('does not listen to others unless it is told to', async () => {
    const server = createServer(definition);
    await expect(serveHttp(server, { host: '0.0.0.0', port: 0 })).rejects.toMatchObject({ code: 'LISTEN_REFUSED' });
    const service = await serveHttp(server, { host: '0.0.0.0', port: 0, allowRemote: true });
    await service.close();
  });

  it('ends subscriptions with a result when it closes', async () => {
    const server = createServer(definition);
    const service = await serveHttp(server, { port: 0 });
    const listening = send(
      service.url,
      modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } }),
    );
    await send(service.url, list);
    await service.close();
    const { events } = await listening;
    expect(events.at(-1)?.result).toMatchObject({
      resultType: 'complete',
      _meta: { 'io.modelcontextprotocol/subscriptionId': 1 },
    });
  });

  it.each([
    ['rubbish', 'rubbish\r\n\r\n'],
    ['two lengths', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'a length and chunks',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['a negative length', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'],
    ['no host', 'POST /mcp HTTP/1.1\r\n\r\n'],
    ['20 kB of headers', `POST /mcp HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    [
      'a header called __proto__',
      'GET /nothing HTTP/1.1\r\nHost: localhost\r\n__proto__: x\r\nConnection: close\r\n\r\n',
    ],
  ])('survives %s', async (_what, bytes) => {
    await using it = await running(createServer(definition));
    const answer = await raw(it.service.port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await send(it.url, list)).status).toBe(200);
  });

  it('survives a client that leaves in the middle of its body', async () => {
    await using it = await running(createServer(definition));
    const socket = connect(it.service.port, '127.0.0.1');
    socket.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"json',
    );
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    expect((await send(it.url, list)).status).toBe(200);
  });
});

function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    socket.write(bytes);
  });
}
