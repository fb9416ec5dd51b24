import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  compressBody,
  createNegotiator,
  createReadyBody,
  createStaticBody,
  sendStatic,
} from '@mcpgen/server-runtime-perf/compression';

const catalogue = Array.from({ length: 500 }, (_, id) => ({ id, name: `article ${id}`, price: id % 90 }));
const beginning = `{"catalogue":${JSON.stringify(catalogue)}`;

const negotiate = createNegotiator();
const ready = createReadyBody(() => Buffer.from(beginning));
const page = createStaticBody(Buffer.from('<p>hello</p>'.repeat(500)), { type: 'text/html' });

const server = createServer(async (request, response) => {
  if (request.url === '/page') return sendStatic(request, response, page);
  const { encoding } = negotiate(request.headers['accept-encoding'], ['br', 'gzip']);
  const head = { 'content-type': 'application/json', vary: 'accept-encoding' };
  // The same for everybody but for its last few bytes: compressed once.
  const ending = `,"url":${JSON.stringify(request.url)}}`;
  const parts = encoding && (await ready.encode(encoding, ending));
  if (parts === undefined) response.writeHead(200, head).end(beginning + ending);
  else {
    const length = parts.start.length + parts.end.length;
    response.writeHead(200, { ...head, 'content-encoding': encoding, 'content-length': length });
    response.write(parts.start);
    response.end(parts.end);
  }
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const { port } = server.address() as AddressInfo;

const answer = await fetch(`http://127.0.0.1:${port}/a`, { headers: { 'accept-encoding': 'gzip;q=0.5, br' } });
assert.equal(answer.headers.get('content-encoding'), 'br');
assert.deepEqual(await answer.json(), { catalogue, url: '/a' });

const first = await fetch(`http://127.0.0.1:${port}/page`);
const etag = String(first.headers.get('etag'));
assert.equal((await fetch(`http://127.0.0.1:${port}/page`, { headers: { 'if-none-match': etag } })).status, 304);

// A body of one answer: a large one in the thread pool, until nobody waits for it.
const { signal } = new AbortController();
const body = Buffer.from(JSON.stringify(catalogue).repeat(10));
const compressed = await compressBody(body, { encoding: 'zstd', signal });
assert.ok(compressed !== undefined && compressed.length < body.length / 4);

server.close();
server.closeAllConnections();
console.log(`${body.length} bytes became ${compressed.length}`);
