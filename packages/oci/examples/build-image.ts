import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  assembleImage,
  createLayout,
  type LayerEntry,
  planHostBase,
  validateImage,
  writeHostBase,
  writeImage,
  writeImageArchive,
  writeLayer,
} from '@mcpgen/oci';

const directory = await mkdtemp(join(tmpdir(), 'mcpgen-oci-'));
try {
  const layout = await createLayout(join(directory, 'image'));

  // The base: this machine's Node and the libraries it loads, as one layer.
  const plan = await planHostBase({ executable: process.execPath, platform: process.platform, arch: process.arch });
  const base = await writeHostBase(plan, { target: layout, compression: 'zstd', level: 1 });

  // The application: a layer of a few bytes. The same entries give the same digest everywhere.
  const entries: LayerEntry[] = [{ kind: 'file', path: 'app/main.js', source: Buffer.from('console.log("hello")') }];
  const layer = await writeLayer(entries, { target: layout, compression: 'gzip' });

  const image = assembleImage({
    base,
    layers: [{ layer, createdBy: 'the application' }],
    config: { cmd: ['/app/main.js'], workingDirectory: '/app', labels: { 'org.opencontainers.image.title': 'hello' } },
    platform: plan.platform,
  });
  await writeImage(layout, image, { tags: ['latest'] });
  assert.deepEqual(await validateImage(layout, image.descriptor), []);

  // For `docker load < image.tar`.
  await writeImageArchive(layout, image.descriptor, {
    file: join(directory, 'image.tar'),
    references: ['example/hello:1.0'],
  });
  process.stdout.write(`${image.descriptor.digest}\n`);
} finally {
  await rm(directory, { recursive: true });
}
