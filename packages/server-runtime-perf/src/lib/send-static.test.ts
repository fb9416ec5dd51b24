import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { sendStatic } from './send-static.ts';
import { createStaticBody, type StaticBodyOptions } from './static-body.ts';

const bytes = Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, entry) => ({ entry }))));
const DECODE = { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync };

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Got {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Ask = (headers?: Record<string, string>, method?: string) => Promise<Got>;

async function serve(options: Partial<StaticBodyOptions> = {}): Promise<Ask> {
  const body = createStaticBody(bytes, { type: 'application/json', ...options });
  const server = createServer((asked, response) => sendStatic(asked, response, body)).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return (headers = {}, method = 'GET') =>
    new Promise((resolve, reject) => {
      const sent = request({ port, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      sent.once('error', reject);
      sent.end();
    });
}

describe('sendStatic', () => {
  it('sends the body with a validator, and says that it depends on Accept-Encoding', async () => {
    const { status, headers, body } = await (await serve())();
    expect(status).toBe(200);
    expect(body).toEqual(bytes);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      'cache-control': 'no-cache',
      vary: 'Accept-Encoding',
      etag: expect.stringMatching(/^"[\w-]{27}"$/),
    });
    expect(headers['content-encoding']).toBeUndefined();
  });

  it.each(['br', 'gzip', 'zstd'] as const)('sends it in %s, with a validator of its own', async (encoding) => {
    const ask = await serve();
    const plain = await ask();
    const { headers, body } = await ask({ 'accept-encoding': encoding });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers['content-length']).toBe(String(body.length));
    expect(DECODE[encoding](body)).toEqual(bytes);
    expect(headers.etag).not.toBe(plain.headers.etag);
  });

  it('likes br best, and what its maker likes where that was said', async () => {
    const all = { 'accept-encoding': 'gzip, br, zstd' };
    expect((await (await serve())(all)).headers['content-encoding']).toBe('br');
    expect((await (await serve({ encodings: ['gzip'] }))(all)).headers['content-encoding']).toBe('gzip');
  });

  it.each([{ encodings: [] }, { cacheControl: 'public, max-age=60, no-transform' }])(
    'compresses nothing with %j, and then does not vary',
    async (options) => {
      const { headers } = await (await serve(options))({ 'accept-encoding': 'gzip, br' });
      expect(headers['content-encoding']).toBeUndefined();
      expect(headers.vary).toBeUndefined();
    },
  );

  it.each([
    ['the tag', (etag: string) => etag],
    ['a weak one', (etag: string) => `W/${etag}`],
    ['one of several', (etag: string) => `"a,b", W/"c" ,${etag}, "d"`],
    ['any', () => ' * '],
  ])('answers 304 without a body to If-None-Match with %s', async (_, headerOf) => {
    const ask = await serve();
    const { etag = '' } = (await ask()).headers;
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await ask({ 'if-none-match': headerOf(etag) }, method);
      expect(status).toBe(304);
      expect(body).toHaveLength(0);
      expect(headers).toMatchObject({ etag, vary: 'Accept-Encoding', 'cache-control': 'no-cache' });
      expect(headers).not.toHaveProperty('content-type');
      expect(headers).not.toHaveProperty('content-length');
    }
  });

  it('answers 200 to a tag of another encoding, of a part, or of nothing', async () => {
    const ask = await serve();
    const { etag = '' } = (await ask({ 'accept-encoding': 'gzip' })).headers;
    for (const tag of [etag, etag.slice(0, -2), etag.replaceAll('"', ''), '', '"*"', 'W/']) {
      expect((await ask({ 'if-none-match': tag })).status).toBe(200);
    }
  });

  it('gives HEAD the head of GET', async () => {
    const ask = await serve();
    const known = { 'accept-encoding': 'zstd' };
    const { headers: get } = await ask(known);
    const { headers: head, status, body } = await ask(known, 'HEAD');
    expect({ status, size: body.length }).toEqual({ status: 200, size: 0 });
    for (const name of ['content-encoding', 'content-type', 'vary', 'cache-control'])
      expect(head[name]).toBe(get[name]);
  });

  it('refuses other methods', async () => {
    const { status, headers } = await (await serve())({}, 'POST');
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD' });
  });
});

describe('createStaticBody', () => {
  it('refuses an encoding that it does not know', () => {
    const encodings: never[] = JSON.parse('["deflate"]');
    expect(() => createStaticBody(bytes, { type: 'text/plain', encodings })).toThrow(TypeError);
  });
});
