import assert from 'node:assert/strict';
import {
  assembleImage,
  copyImage,
  memoryStore,
  openRegistry,
  scratchBase,
  validateImage,
  writeImage,
  writeLayer,
} from '@mcpgen/oci';
import { startRegistry } from '@mcpgen/testing';

// A registry in memory stands in for ghcr.io.
await using registry = await startRegistry();

const source = memoryStore();
const layer = await writeLayer([{ kind: 'file', path: 'hello', source: Buffer.from('hello') }], {
  target: source,
  compression: 'gzip',
});
const platform = { os: 'linux', architecture: 'amd64' };
const image = assembleImage({ base: scratchBase, layers: [{ layer, createdBy: 'hello' }], config: {}, platform });
await writeImage(source, image);

// Pushing is copying: blobs, then the manifest, then the tag.
const target = openRegistry(`${registry.host}/team/hello`, { access: 'push' });
const first = await copyImage(source, image.descriptor, target, {
  tags: ['1.0'],
  onEvent: (event) =>
    event.type === 'copy-done' && process.stdout.write(`${event.outcome} ${event.descriptor.digest}\n`),
});
assert.equal(first.copied, 3);

// The second time one request finds that all is there.
const second = await copyImage(source, image.descriptor, target, { tags: ['1.0'] });
assert.deepEqual(second, { copied: 0, mounted: 0, present: 1, bytes: 0 });
assert.deepEqual(await validateImage(target, await target.resolve('1.0')), []);
