// A server for turbo, Nx and mcpgen, and two machines that share what one of them made through it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, type LocalCache, openLocalCache } from '@mcpgen/build-cache';
import { chainCaches } from '@mcpgen/build-cache/remote';
import { createTurborepoServer, openTurborepoTier } from '@mcpgen/build-cache/turborepo';

const root = await mkdtemp(join(tmpdir(), 'serve-a-cache-'));
const open = (name: string): LocalCache => openLocalCache({ directory: join(root, name), now: Date.now });

const server = createTurborepoServer({
  open: () => open('server'),
  uploads: join(root, 'uploads'),
  tokens: [
    { token: 'of-main', right: 'write' },
    { token: 'of-pull-requests', right: 'write', namespace: 'pull-requests' },
  ],
});
const http = createServer(server.handle).listen(0, '127.0.0.1');
await once(http, 'listening');
const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
const key = digestOf('everything that changes the result');

try {
  const first = open('first');
  const write = openTurborepoTier({
    url,
    token: 'of-main',
    slug: 'team',
    signatureKey: 'key',
    exchange: first.exchange,
  });
  const building = chainCaches(first, { read: [write], write });
  await writeFile(join(root, 'text.txt'), 'HELLO');
  await building.store({ key, step: 'upper-case', directory: root, paths: ['text.txt'], value: null, duration: 5 });
  await building.close();

  const second = open('second');
  const read = openTurborepoTier({
    url,
    token: 'of-pull-requests',
    slug: 'team',
    signatureKey: 'key',
    exchange: second.exchange,
  });
  const cache = chainCaches(second, { read: [read] });
  const hit = await cache.lookup(key, 'upper-case');
  assert.equal(await hit?.restore(join(root, 'back')), true);
  assert.equal(await readFile(join(root, 'back/text.txt'), 'utf8'), 'HELLO');
  await cache.close();
} finally {
  http.close();
  http.closeAllConnections();
  await server.close();
  await rm(root, { recursive: true, force: true });
}
