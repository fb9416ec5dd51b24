import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { openLocalCache } from '@mcpgen/build-cache';
import { createTurborepoServer, type TurborepoServerOptions } from '@mcpgen/build-cache/turborepo';
import { describe, expect, it } from 'vitest';
import { type CacheServer, cacheServer, WRITER } from './turborepo-rig.ts';

const BODY = Buffer.from('the bytes of an artifact');

/** Asks as turbo does. */
async function ask(server: CacheServer, method: string, path: string, { token = WRITER.token, ...init }: Ask = {}) {
  const headers = { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...init.headers };
  return fetch(`${server.url}${path}`, { method, ...init, headers });
}

interface Ask {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

async function codeOf(response: Response): Promise<unknown> {
  return ((await response.json()) as { error?: { code?: string } }).error?.code;
}

describe('createTurborepoServer', () => {
  it('gives back what it got, with the headers of the client', async () => {
    await using server = await cacheServer();
    const headers = {
      'x-artifact-duration': '1234',
      'x-artifact-tag': 'dGFn',
      'x-artifact-sha': 'abc',
      'x-other': 'no',
    };
    expect((await ask(server, 'GET', '/v8/artifacts/0123abcd?slug=t')).status).toBe(404);
    const put = await ask(server, 'PUT', '/v8/artifacts/0123abcd?slug=t', { body: BODY, headers });
    expect([put.status, await put.json()]).toEqual([202, { urls: [] }]);
    for (const method of ['GET', 'HEAD']) {
      const response = await ask(server, method, '/v8/artifacts/0123abcd?slug=t');
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-length': String(BODY.length),
        'content-type': 'application/octet-stream',
        'x-artifact-duration': '1234',
        'x-artifact-tag': 'dGFn',
        'x-artifact-sha': 'abc',
      });
      expect(response.headers.has('x-other')).toBe(false);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(method === 'GET' ? BODY : Buffer.alloc(0));
    }
    expect(server.events.events).toEqual([]);
  });

  it('says that it is there, takes events and answers questions', async () => {
    await using server = await cacheServer();
    const status = await ask(server, 'GET', '/v8/artifacts/status?slug=t');
    expect([status.status, await status.json()]).toEqual([200, { status: 'enabled' }]);
    expect((await ask(server, 'POST', '/v8/artifacts/events', { body: '[{"event":"HIT"}]' })).status).toBe(200);
    await ask(server, 'PUT', '/v8/artifacts/a?slug=t', { body: BODY, headers: { 'x-artifact-duration': '7' } });
    const query = await ask(server, 'POST', '/v8/artifacts?slug=t', { body: '{"hashes":["a","b","__proto__"]}' });
    expect(await query.text()).toBe('{"a":{"size":24,"taskDurationMs":7},"b":null,"__proto__":null}');
    for (const body of ['', 'x', '[]', '{"hashes":[1]}', JSON.stringify({ hashes: Array(1001).fill('a') })]) {
      expect((await ask(server, 'POST', '/v8/artifacts', { body })).status).toBe(400);
    }
  });

  it('shows artifacts to what lists and verifies the store', async () => {
    await using server = await cacheServer();
    await ask(server, 'PUT', '/v8/artifacts/a?slug=web', { body: randomBytes(5000) });
    await ask(server, 'PUT', '/v1/cache/b', { body: BODY });
    const cache = openLocalCache({ directory: server.store, now: Date.now });
    expect((await cache.list()).map(({ step }) => step).sort()).toEqual(['nx', 'turborepo:web']);
    expect(await cache.verify()).toMatchObject({ entries: 2, damaged: [] });
  });

  it('keeps teams apart, by id or by name', async () => {
    await using server = await cacheServer();
    await ask(server, 'PUT', '/v8/artifacts/a?teamId=one&slug=x', { body: BODY });
    const statusOf = async (query: string) => (await ask(server, 'GET', `/v8/artifacts/a${query}`)).status;
    expect(await statusOf('?teamId=one')).toBe(200);
    for (const query of ['', '?slug=x', '?teamId=two', '?teamId=two&slug=one', '?teamId=']) {
      expect(await statusOf(query)).toBe(404);
    }
  });

  it('keeps what was written first', async () => {
    await using server = await cacheServer();
    for (const text of ['first', 'second']) {
      expect((await ask(server, 'PUT', '/v8/artifacts/a', { body: text })).status).toBe(202);
      expect(await (await ask(server, 'GET', '/v8/artifacts/a')).text()).toBe('first');
    }
  });

  it.each([400, 20_000])('takes a damaged artifact of %d bytes for none, and heals by the next', async (size) => {
    await using server = await cacheServer();
    const body = randomBytes(size);
    await ask(server, 'PUT', '/v8/artifacts/a', { body });
    damageAll(server.store);
    expect((await ask(server, 'GET', '/v8/artifacts/a')).status).toBe(404);
    expect((await ask(server, 'PUT', '/v8/artifacts/a', { body })).status).toBe(202);
    expect(Buffer.from(await (await ask(server, 'GET', '/v8/artifacts/a')).arrayBuffer())).toEqual(body);
  });

  it('takes and gives 100 MB without holding it in memory', async () => {
    await using server = await cacheServer();
    const piece = randomBytes(1_000_000);
    const before = process.memoryUsage();
    let peak = 0;
    async function* pieces() {
      for (let n = 0; n < 100; n++) {
        const { rss } = process.memoryUsage();
        peak = Math.max(peak, rss);
        yield piece;
      }
    }
    const init = { method: 'PUT', body: ReadableStream.from(pieces()), duplex: 'half' } as const;
    const headers = { authorization: `Bearer ${WRITER.token}` };
    expect((await fetch(`${server.url}/v8/artifacts/a`, { ...init, headers })).status).toBe(202);
    let size = 0;
    for await (const part of (await ask(server, 'GET', '/v8/artifacts/a')).body ?? []) {
      size += part.length;
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    expect(size).toBe(100_000_000);
    // Client and server are one process here.
    expect(peak - before.rss).toBeLessThan(100_000_000);
    const left = () => readdirSync(server.uploads).flatMap((name) => readdirSync(join(server.uploads, name)));
    await expect.poll(left).toEqual([]);
  });

  it('stays below the limit of its store', async () => {
    let ahead = 0;
    const now = () => Date.now() + ahead;
    await using server = await cacheServer({}, { maxBytes: 1_000_000, now });
    for (let n = 0; n < 50; n++) {
      await ask(server, 'PUT', `/v8/artifacts/${n}`, { body: randomBytes(50_000) });
    }
    // What was used in the last minutes is spared, and what was used in a run: that is over after 1,000 requests.
    ahead = 3_600_000;
    for (let n = 0; n < 1000; n++) await ask(server, 'HEAD', '/v8/artifacts/none');
    const held = async () => {
      const entries = await openLocalCache({ directory: server.store, now }).list();
      return entries.reduce((sum, { size }) => sum + size, 0);
    };
    await expect.poll(held).toBeLessThan(1_000_000);
  });
});

describe('a token', () => {
  const tokens = [
    WRITER,
    { token: 'a-reader', right: 'read' },
    { token: 'pull-request', right: 'write', namespace: 'pr' },
    { token: 'pull-reader', right: 'read', namespace: 'pr' },
  ] as const;

  it.each([
    ['', 401],
    ['unknown', 401],
    ['a-writer2', 401],
    ['a-write', 401],
    ['a-reader', 200],
    ['a-writer', 200],
  ])('"%s" is answered %d', async (token, status) => {
    await using server = await cacheServer({ tokens });
    await ask(server, 'PUT', '/v8/artifacts/a', { body: BODY });
    for (const [method, path] of [
      ['GET', '/v8/artifacts/status'],
      ['GET', '/v8/artifacts/a'],
      ['HEAD', '/v8/artifacts/a'],
    ] as const) {
      expect((await ask(server, method, path, { token })).status).toBe(status);
    }
    expect((await ask(server, 'POST', '/v8/artifacts', { token, body: '{"hashes":["a"]}' })).status).toBe(status);
    expect(server.events.ofType('refused')).toHaveLength(status === 401 ? 4 : 0);
  });

  it('that may only read writes nothing', async () => {
    await using server = await cacheServer({ tokens });
    const put = await ask(server, 'PUT', '/v8/artifacts/a', { token: 'a-reader', body: BODY });
    expect([put.status, await codeOf(put)]).toEqual([403, 'forbidden']);
    expect((await ask(server, 'GET', '/v8/artifacts/a')).status).toBe(404);
    expect(server.events.events).toMatchObject([
      { type: 'refused', method: 'PUT', path: '/v8/artifacts/a', status: 403 },
    ]);
  });

  it('of a namespace reads what others wrote, and is read only there', async () => {
    await using server = await cacheServer({ tokens });
    const get = async (hash: string, token: string) => {
      const response = await ask(server, 'GET', `/v8/artifacts/${hash}?slug=t`, { token });
      return response.status === 200 ? response.text() : response.status;
    };
    // A race for one key: the pull request is first, and the trusted build does not see it.
    await ask(server, 'PUT', '/v8/artifacts/key?slug=t', { token: 'pull-request', body: 'poison' });
    expect(await get('key', 'a-writer')).toBe(404);
    expect(await get('key', 'a-reader')).toBe(404);
    expect(await get('key', 'pull-reader')).toBe('poison');
    await ask(server, 'PUT', '/v8/artifacts/key?slug=t', { token: 'a-writer', body: 'right' });
    for (const { token } of tokens) expect(await get('key', token)).toBe('right');
  });

  it.each<[string, TurborepoServerOptions['tokens']]>([
    ['empty', [{ token: '', right: 'read' }]],
    ['given twice', [WRITER, { token: WRITER.token, right: 'read' }]],
  ])('that is %s is refused at once', async (_how, wrong) => {
    await using server = await cacheServer();
    const open = () => openLocalCache({ directory: server.store, now: Date.now });
    expect(() => createTurborepoServer({ open, uploads: server.uploads, tokens: wrong })).toThrow(TypeError);
  });

  it('is not needed where anyone may ask, but for pages of a browser', async () => {
    await using server = await cacheServer({ tokens: 'anyone' });
    expect((await ask(server, 'PUT', '/v8/artifacts/a', { token: '', body: BODY })).status).toBe(202);
    expect((await ask(server, 'GET', '/v8/artifacts/a', { token: 'any' })).status).toBe(200);
    expect((await ask(server, 'GET', '/v8/artifacts/a', { headers: { origin: 'http://evil' } })).status).toBe(403);
  });
});

describe('a hostile client', () => {
  it.each([
    ['GET', '/', 404],
    ['GET', '/v8/artifacts', 405],
    ['DELETE', '/v8/artifacts/a', 405],
    ['PUT', '/v8/artifacts/status', 405],
    ['GET', '/v8/artifacts/../../etc/passwd', 404],
    ['PUT', '/v8/artifacts/..%2f..%2fevil', 404],
    ['PUT', '/v8/artifacts/%2e%2e', 404],
    ['PUT', '/v8/artifacts/a%00b', 404],
    ['PUT', `/v8/artifacts/${'a'.repeat(129)}`, 404],
    ['PUT', '/v8/artifacts/a?slug=../../evil', 404],
    ['PUT', `/v8/artifacts/a?teamId=${'a'.repeat(129)}`, 404],
    ['PUT', '/v1/cache/../evil', 404],
    ['GET', '/v1/cache/a/b', 404],
  ])('that asks for %s %s is answered %d', async (method, path, status) => {
    await using server = await cacheServer();
    const init = method === 'PUT' ? { body: BODY } : {};
    expect((await ask(server, method, path, init)).status).toBe(status);
    expect(await openLocalCache({ directory: server.store, now: Date.now }).list()).toEqual([]);
  });

  it('that sends more than it may is stopped', async () => {
    await using server = await cacheServer({ maxArtifactBytes: 1000 });
    expect((await ask(server, 'PUT', '/v8/artifacts/a', { body: randomBytes(1001) })).status).toBe(413);
    // Without saying how much.
    const chunked = { method: 'PUT', body: ReadableStream.from([randomBytes(1001)]), duplex: 'half' } as const;
    const headers = { authorization: `Bearer ${WRITER.token}` };
    expect((await fetch(`${server.url}/v8/artifacts/a`, { ...chunked, headers })).status).toBe(413);
    expect((await ask(server, 'PUT', '/v8/artifacts/a', { body: randomBytes(1000) })).status).toBe(202);
  });

  it('that leaves in the middle leaves nothing', async () => {
    await using server = await cacheServer();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const left = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const head = `PUT /v8/artifacts/a HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${WRITER.token}\r\ncontent-length: 9000\r\n\r\n`;
    socket.write(`${head}half`, () => socket.destroy());
    await left;
    await expect.poll(() => server.events.events).toMatchObject([{ type: 'refused', status: 499 }]);
    expect((await ask(server, 'GET', '/v8/artifacts/a')).status).toBe(404);
  });

  it('does not stop a server whose store cannot be written', async () => {
    await using server = await cacheServer({}, { directory: '/dev/null/store' });
    expect((await ask(server, 'PUT', '/v8/artifacts/a', { body: BODY })).status).toBe(412);
    expect((await ask(server, 'GET', '/v8/artifacts/a')).status).toBe(404);
    expect(server.events.events).toMatchObject([{ status: 412, message: expect.stringContaining('could not keep') }]);
  });
});

describe('the cache of Nx', () => {
  it('is served by its own address', async () => {
    await using server = await cacheServer({ tokens: [WRITER, { token: 'a-reader', right: 'read' }] });
    const statusOf = async (method: string, token: string, body?: Buffer) =>
      (await ask(server, method, '/v1/cache/123', { token, ...(body && { body }) })).status;
    expect(await statusOf('GET', WRITER.token)).toBe(404);
    expect(await statusOf('PUT', 'a-reader', BODY)).toBe(403);
    expect(await statusOf('PUT', 'unknown', BODY)).toBe(401);
    expect(await statusOf('PUT', WRITER.token, BODY)).toBe(200);
    expect(await statusOf('PUT', WRITER.token, BODY)).toBe(409);
    expect(await (await ask(server, 'GET', '/v1/cache/123')).text()).toBe(String(BODY));
    expect((await ask(server, 'GET', '/v8/artifacts/123')).status).toBe(404);
  });
});

/** Changes one byte of every body and every manifest. */
function damageAll(store: string): void {
  for (const folder of ['cas', 'entries']) {
    const root = join(store, 'v1', folder);
    if (!existsSync(root)) continue;
    for (const shard of readdirSync(root)) {
      for (const name of readdirSync(join(root, shard))) writeFileSync(join(root, shard, name), 'x', { flag: 'r+' });
    }
  }
}
