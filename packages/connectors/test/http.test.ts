import { getEventListeners } from 'node:events';
import { type HttpEvent, type HttpOptions, http } from '@mcpgen/connectors/http';
import { eventRecorder } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type BadServer, flood, hang, json, reset, resetHalfway, startBadServer, status } from './bad-server.ts';

const { signal } = new AbortController();
/** For what takes its time on a busy machine. */
const patient = { timeout: 10_000 };

async function connected(server: BadServer, options: Partial<HttpOptions> = {}) {
  const waits: number[] = [];
  const { events, onEvent, types } = eventRecorder<HttpEvent>();
  const connector = http({
    url: server.url,
    random: () => 0.5,
    delay: async (milliseconds) => void waits.push(milliseconds),
    onEvent,
    ...options,
  });
  const api = await connector.open({ signal });
  return { api, waits, events, types, [Symbol.asyncDispose]: () => connector.close(api) };
}

describe('http', () => {
  it('asks below its base address, with headers made for each request', async () => {
    await using server = await startBadServer();
    server.does(json({ id: 7 }));
    let asked = 0;
    const headers = async () => ({ Authorization: `Bearer ${++asked}`, 'x-none': undefined });
    await using it = await connected(server, { url: () => `${server.url}/v1`, headers });
    expect(await it.api.json('GET', '/tickets/7', { query: { full: true } })).toEqual({ id: 7 });
    await it.api.json('POST', '/tickets', { json: { title: 'ü' }, headers: { 'X-Own': 'yes' } });
    expect(server.received).toMatchObject([
      {
        method: 'GET',
        url: '/v1/tickets/7?full=true',
        headers: { authorization: 'Bearer 1', accept: 'application/json' },
      },
      {
        url: '/v1/tickets',
        body: '{"title":"ü"}',
        headers: { authorization: 'Bearer 2', 'content-type': 'application/json', 'x-own': 'yes' },
      },
    ]);
  });

  it('keeps its connections', async () => {
    await using server = await startBadServer();
    server.does(json(1));
    await using it = await connected(server);
    for (let count = 0; count < 20; count++) await it.api.json('GET', '/');
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it('opens so many connections and lets so many requests wait', async () => {
    await using server = await startBadServer();
    const answers: (() => void)[] = [];
    server.does((_request, response) => void answers.push(() => response.end('1')));
    await using it = await connected(server, { connections: 2, queue: 1 });
    const three = [1, 2, 3].map(() => it.api.json('GET', '/'));
    await expect.poll(() => answers.length, patient).toBe(2);
    await expect(it.api.json('GET', '/')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(it.types()).toEqual(['queue-full']);
    expect(it.api.stats()).toMatchObject({ size: 2, busy: 2, waiting: 1 });
    answers[0]?.();
    answers[1]?.();
    await expect.poll(() => answers.length, patient).toBe(3);
    answers[2]?.();
    expect(await Promise.all(three)).toEqual([1, 1, 1]);
    expect(server.connections).toBe(2);
  });

  it('tells of other answers than 2xx by an error, its body among the facts and not in the message', async () => {
    await using server = await startBadServer();
    server.does(json({ message: 'no such ticket' }, 404));
    await using it = await connected(server);
    await expect(it.api.json('GET', '/tickets/7')).rejects.toMatchObject({
      code: 'RESPONSE_STATUS',
      message: 'Cannot GET "/tickets/7": answered 404',
      facts: { status: 404, body: { message: 'no such ticket' } },
    });
    expect((await it.api.request('GET', '/tickets/7')).status).toBe(404);
  });

  it('gives undefined for an empty answer, and refuses what is not JSON', async () => {
    await using server = await startBadServer();
    server.does(status(204), (_request, response) => void response.end('<html>'));
    await using it = await connected(server);
    expect(await it.api.json('DELETE', '/tickets/7')).toBeUndefined();
    await expect(it.api.json('GET', '/')).rejects.toMatchObject({ code: 'RESPONSE_INVALID' });
  });

  it.each(['//evil.example/', '/../admin', 'https://evil.example/'])('sends nothing to %s', async (path) => {
    await using server = await startBadServer();
    await using it = await connected(server);
    await expect(it.api.request('GET', path)).rejects.toMatchObject({ code: 'REQUEST_REFUSED' });
    expect(server.received).toEqual([]);
  });
});

describe('http, repeating', () => {
  it.each([
    ['a reset', reset],
    ['a reset halfway', resetHalfway],
    ['503', status(503)],
    ['429', status(429)],
  ])('sends an idempotent request again after %s, with jitter', async (_what, bad) => {
    await using server = await startBadServer();
    server.does(bad, bad, json('fine'));
    await using it = await connected(server);
    expect(await it.api.json('GET', '/')).toBe('fine');
    expect(it.waits).toEqual([50, 100]);
    expect(it.types()).toEqual(['retried', 'retried', 'answered']);
  });

  it.each([
    ['a reset', reset, 'REQUEST_FAILED'],
    ['503', status(503), 'RESPONSE_STATUS'],
  ])('gives up after so many attempts that end with %s', async (_what, bad, code) => {
    await using server = await startBadServer();
    server.does(bad);
    await using it = await connected(server);
    await expect(it.api.json('GET', '/')).rejects.toMatchObject({ code });
    expect(server.received).toHaveLength(3);
  });

  it('sends a POST once, and with an idempotency key again', async () => {
    await using server = await startBadServer();
    server.does(reset, status(503), json('made'));
    await using it = await connected(server);
    await expect(it.api.json('POST', '/', { json: {} })).rejects.toMatchObject({ code: 'REQUEST_FAILED' });
    expect(server.received).toHaveLength(1);
    expect(await it.api.json('POST', '/', { json: {}, idempotencyKey: 'k-1' })).toBe('made');
    expect(server.received.map(({ headers }) => headers['idempotency-key'])).toEqual([undefined, 'k-1', 'k-1']);
  });

  it('leaves alone what would not fare better', async () => {
    await using server = await startBadServer();
    server.does(status(404));
    await using it = await connected(server);
    await it.api.request('GET', '/');
    expect(server.received).toHaveLength(1);
  });

  it('waits as long as it is asked to, not less, up to a limit', async () => {
    await using server = await startBadServer();
    const date = new Date(Date.parse('2026-11-23T00:00:03Z')).toUTCString();
    server.does(status(503, { 'retry-after': '2' }), status(503, { 'retry-after': date }), json(1));
    await using it = await connected(server, { now: () => Date.parse('2026-11-23T00:00:00Z') });
    await it.api.json('GET', '/');
    expect(it.waits).toEqual([2050, 3100]);
    server.does(status(503, { 'retry-after': '11' }));
    expect((await it.api.request('GET', '/')).status).toBe(503);
    expect(it.waits).toHaveLength(2);
  });
});

describe('http, redirected', () => {
  const headers = { authorization: 'Bearer canary' };

  it('follows within the origin, and sends nothing to another', async () => {
    await using server = await startBadServer();
    await using other = await startBadServer();
    other.does(json('stolen'));
    server.does(status(302, { location: '/b' }), json('moved'), status(307, { location: `${other.url}/c` }));
    await using it = await connected(server, { headers });
    expect(await it.api.json('GET', '/a')).toBe('moved');
    expect(server.received.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/a', 'Bearer canary'],
      ['/b', 'Bearer canary'],
    ]);
    await expect(it.api.json('GET', '/a')).rejects.toMatchObject({
      code: 'REDIRECT_NOT_FOLLOWED',
      message: 'Cannot follow the answer to "/a": it leads to another origin',
    });
    expect([server.received.length, other.connections]).toEqual([3, 0]);
  });

  it('turns a POST into a GET where the standard says so', async () => {
    await using server = await startBadServer();
    server.does(status(303, { location: '/made' }), json(1), status(307, { location: '/again' }), json(2));
    await using it = await connected(server);
    await it.api.json('POST', '/', { json: { a: 1 } });
    await it.api.json('POST', '/', { json: { a: 1 } });
    expect(server.received.map(({ method, url, body }) => `${method} ${url} ${body}`)).toEqual([
      'POST / {"a":1}',
      'GET /made ',
      'POST / {"a":1}',
      'POST /again {"a":1}',
    ]);
  });

  it('gives up on a loop', async () => {
    await using server = await startBadServer();
    server.does(status(302, { location: '/' }));
    await using it = await connected(server);
    await expect(it.api.json('GET', '/')).rejects.toMatchObject({ code: 'REDIRECT_NOT_FOLLOWED' });
    expect(server.received).toHaveLength(6);
  });
});

describe('http, with a server that', () => {
  it('hangs: the caller gets an error in time, or when it leaves', async () => {
    await using server = await startBadServer();
    server.does(hang);
    await using it = await connected(server, { timeout: 200 });
    await expect(it.api.json('GET', '/')).rejects.toMatchObject({
      code: 'REQUEST_TIMEOUT',
      facts: { milliseconds: 200 },
    });
    const stop = new AbortController();
    const left = it.api.json('GET', '/', { signal: stop.signal });
    stop.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await expect.poll(() => it.api.stats().busy, patient).toBe(0);
  });

  it('answers: nothing holds on to the signal of the caller afterwards', async () => {
    await using server = await startBadServer();
    server.does(json(1));
    await using it = await connected(server);
    const stop = new AbortController();
    await it.api.json('GET', '/', { signal: stop.signal });
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  it('asks to wait longer than the request may take: it ends in time', async () => {
    await using server = await startBadServer();
    server.does(status(503, { 'retry-after': '5' }));
    const connector = http({ url: server.url, timeout: 200 });
    const api = await connector.open({ signal });
    await expect(api.json('GET', '/')).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
    await api.close();
  });

  it('sends 100 MB: reading stops at the limit', async () => {
    await using server = await startBadServer();
    let sent = 0;
    server.does(flood(100 * 1024 * 1024, (bytes) => (sent += bytes)));
    await using it = await connected(server, { maxResponseBytes: 1024 * 1024 });
    await expect(it.api.request('GET', '/')).rejects.toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
    expect(sent).toBeLessThan(20 * 1024 * 1024); // what fits the buffers on the way comes on top of the limit
    server.does((_request, response) => void response.writeHead(200, { 'content-length': 2 ** 30 }).flushHeaders());
    await expect(it.api.request('GET', '/')).rejects.toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
    server.does(json('fine'));
    expect(await it.api.json('GET', '/')).toBe('fine');
  });

  it('is not there: the error says so without the address', async () => {
    const connector = http({ url: 'http://127.0.0.1:1/secret-path', attempts: 1 });
    const api = await connector.open({ signal });
    await expect(api.json('GET', '/x')).rejects.toMatchObject({ code: 'REQUEST_FAILED' });
    await api.close();
  });
});

describe('closing http', () => {
  it('refuses new requests and waits for those under way', async () => {
    await using server = await startBadServer();
    const answers: (() => void)[] = [];
    server.does((_request, response) => void answers.push(() => response.end('1')));
    const it = await connected(server);
    const running = it.api.json('GET', '/');
    await expect.poll(() => answers.length, patient).toBe(1);
    const closing = it.api.close();
    await expect(it.api.json('GET', '/')).rejects.toMatchObject({ code: 'CONNECTOR_CLOSED' });
    answers[0]?.();
    expect(await running).toBe(1);
    await closing;
    expect(it.api.stats().size).toBe(0);
  });

  it('ends what takes longer than it may', async () => {
    await using server = await startBadServer();
    server.does(hang);
    const it = await connected(server, { closeTimeout: 50 });
    const running = it.api.json('GET', '/');
    running.catch(() => {});
    await expect.poll(() => server.received.length, patient).toBe(1);
    await it.api.close();
    await expect(running).rejects.toMatchObject({ code: 'CONNECTOR_CLOSED' });
  });
});

describe('an http connector that cannot open', () => {
  it.each([
    [undefined, 'SETTING_MISSING'],
    ['', 'SETTING_MISSING'],
    ['file:///etc/passwd', 'SETTING_INVALID'],
    ['nowhere', 'SETTING_INVALID'],
    ['https://user:s3cret-canary@api.example', 'SETTING_INVALID'],
    ['https://api.example?key=1', 'SETTING_INVALID'],
  ])('says what is wrong with %j', async (url, code) => {
    const error = await http({ url: () => url })
      .open({ signal })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('canary');
  });
});
