import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { writeTestImage } from '../../test/test-image.ts';
import { assembleIndex } from './assemble-index.ts';
import { imageArchive, writeImageArchive } from './image-archive.ts';
import { openLayout } from './layout.ts';
import { memoryStore } from './memory-store.ts';
import { validateImage } from './validate-image.ts';
import { collectContent } from './verify-content.ts';
import { writeIndex } from './write-image.ts';

const run = promisify(execFile);

async function unpack(file: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await run('tar', ['-xf', file, '-C', directory]);
}

describe('writeImageArchive', () => {
  it('writes a layout in a tar', async () => {
    await using directory = await temporaryDirectory();
    const store = memoryStore();
    const { descriptor } = await writeTestImage(store);
    const file = join(directory.path, 'image.tar');
    await writeImageArchive(store, descriptor, { file, references: ['example/app:1.0', 'ghcr.io/example/app'] });
    await unpack(file, join(directory.path, 'out'));
    const layout = await openLayout(join(directory.path, 'out'));
    expect((await layout.resolve('1.0')).digest).toBe(descriptor.digest);
    expect((await layout.resolve('latest')).digest).toBe(descriptor.digest);
    expect(await validateImage(layout, descriptor)).toEqual([]);
  });

  it("writes docker's own list beside it", async () => {
    await using directory = await temporaryDirectory();
    const store = memoryStore();
    const { descriptor, manifest } = await writeTestImage(store);
    const file = join(directory.path, 'image.tar');
    await writeImageArchive(store, descriptor, { file, references: ['example/app:1.0'] });
    await unpack(file, directory.path);
    expect(JSON.parse(await readFile(join(directory.path, 'manifest.json'), 'utf8'))).toEqual([
      {
        Config: manifest.config.digest.replace(':', '/').replace(/^/, 'blobs/'),
        RepoTags: ['docker.io/example/app:1.0'],
        Layers: manifest.layers.map(({ digest }) => `blobs/${digest.replace(':', '/')}`),
      },
    ]);
  });

  it('names an image without a tag `latest`, everywhere', async () => {
    await using directory = await temporaryDirectory();
    const store = memoryStore();
    const { descriptor } = await writeTestImage(store);
    const file = join(directory.path, 'image.tar');
    await writeImageArchive(store, descriptor, { file, references: ['example/app'] });
    await unpack(file, directory.path);
    const [listed] = JSON.parse(await readFile(join(directory.path, 'manifest.json'), 'utf8'));
    const { manifests } = JSON.parse(await readFile(join(directory.path, 'index.json'), 'utf8'));
    expect(listed.RepoTags).toEqual(['docker.io/example/app:latest']);
    expect(manifests[0].annotations['io.containerd.image.name']).toBe('docker.io/example/app:latest');
  });

  it('gives the same bytes each time', async () => {
    const store = memoryStore();
    const { descriptor } = await writeTestImage(store);
    const archives = await Promise.all(
      [1, 2].map(() => collectContent(imageArchive(store, descriptor, { references: ['a:1'] }))),
    );
    expect(archives[0]?.equals(archives[1] ?? Buffer.alloc(0))).toBe(true);
  });

  it('holds all images of an index', async () => {
    await using directory = await temporaryDirectory();
    const store = memoryStore();
    const images = [
      await writeTestImage(store),
      await writeTestImage(store, { platform: { os: 'linux', architecture: 'arm64' } }),
    ];
    const index = assembleIndex(images);
    await writeIndex(store, index);
    const file = join(directory.path, 'image.tar');
    await writeImageArchive(store, index.descriptor, { file, references: ['example/app:1.0'] });
    await unpack(file, join(directory.path, 'out'));
    const layout = await openLayout(join(directory.path, 'out'));
    expect(await validateImage(layout, await layout.resolve('1.0'))).toEqual([]);
    const list: { RepoTags: string[] }[] = JSON.parse(
      await readFile(join(directory.path, 'out/manifest.json'), 'utf8'),
    );
    expect(list.map(({ RepoTags }) => RepoTags.length)).toEqual([1, 0]);
  });

  it('leaves the old file, and nothing else, when a blob is damaged', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, { 'image.tar': 'old' });
    const store = memoryStore();
    const { descriptor, layers } = await writeTestImage(store);
    const broken = {
      ...store,
      async *read(wanted: typeof descriptor) {
        if (wanted.digest === layers[0]?.digest) throw new Error('damaged');
        yield* store.read(wanted);
      },
    };
    const file = join(directory.path, 'image.tar');
    await expect(writeImageArchive(broken, descriptor, { file })).rejects.toThrow('damaged');
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(directory.path)).toEqual(['image.tar']);
  });

  it('refuses a name that is none before it writes', async () => {
    const store = memoryStore();
    const { descriptor } = await writeTestImage(store);
    await expect(collectContent(imageArchive(store, descriptor, { references: ['Not A Name'] }))).rejects.toMatchObject(
      { code: 'REFERENCE_INVALID' },
    );
  });
});
