// Two machines share what one of them made, through a store in memory: a repository of a registry is used in the same way.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, type LocalCache, openLocalCache } from '@mcpgen/build-cache';
import { chainCaches, openRemoteTier } from '@mcpgen/build-cache/remote';
import { memoryStore } from '@mcpgen/oci';

const place = memoryStore();
const key = digestOf('everything that changes the result');
const root = await mkdtemp(join(tmpdir(), 'share-a-cache-'));

function machine(name: string): LocalCache {
  return openLocalCache({ directory: join(root, name), now: Date.now });
}

try {
  const first = machine('first');
  const write = openRemoteTier({ open: () => place, tag: 'main', exchange: first.exchange });
  const building = chainCaches(first, { read: [write], write });
  assert.equal(await building.lookup(key, 'upper-case'), undefined);
  await writeFile(join(root, 'text.txt'), 'HELLO');
  await building.store({ key, step: 'upper-case', directory: root, paths: ['text.txt'], value: null, duration: 5 });
  await building.close();

  const second = machine('second');
  const read = openRemoteTier({ open: () => place, tag: 'main', exchange: second.exchange });
  const cache = chainCaches(second, { read: [read] });
  const hit = await cache.lookup(key, 'upper-case');
  assert.equal(await hit?.restore(join(root, 'back')), true);
  assert.equal(hit?.tier, 'memory');
  assert.equal(await readFile(join(root, 'back/text.txt'), 'utf8'), 'HELLO');
  await cache.close();
} finally {
  await rm(root, { recursive: true, force: true });
}
