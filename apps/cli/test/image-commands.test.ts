import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  assembleImage,
  assembleReferrer,
  type Base,
  copyImage,
  createLayout,
  type Layout,
  memoryStore,
  openRegistry,
  readBase,
  scratchBase,
  validateImage,
  writeImage,
  writeLayer,
  writeReferrer,
} from '@mcpgen/oci';
import { startRegistry, type TestRegistry, temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig } from './cli-rig.ts';

const PLATFORM = { os: 'linux', architecture: 'amd64' };

interface ImageFacts {
  readonly files?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly base?: Base;
  readonly tag?: string;
}

/** A small image in a layout. */
async function writeImageIn(layout: Layout, facts: ImageFacts = {}) {
  const { files = { 'app/main.js': 'main' }, labels = {}, base = scratchBase, tag = 'latest' } = facts;
  const entries = Object.entries(files).map(
    ([path, text]) => ({ kind: 'file', path, source: Buffer.from(text) }) as const,
  );
  const layer = await writeLayer(entries, { target: layout, compression: 'gzip' });
  const image = assembleImage({
    base,
    layers: [{ layer, createdBy: 'mcpgen layer:app' }],
    config: { entrypoint: ['node', '/app/main.js'], env: { PORT: '3000' }, labels },
    platform: PLATFORM,
  });
  await writeImage(layout, image, { tags: [tag] });
  return image;
}

/** A base such as a registry has it: a C library, Node, and what only this one has. */
async function pushBase(registry: TestRegistry, tag: string, node: string, text: string): Promise<void> {
  const store = memoryStore();
  const version = `/node-v${node}-headers.tar.gz`;
  const files = { 'usr/local/bin/node': `node ${version}`, 'lib64/ld-linux-x86-64.so.2': '', 'etc/release': text };
  const layer = await writeLayer(
    Object.entries(files).map(([path, content]) => ({ kind: 'file', path, source: Buffer.from(content) }) as const),
    { target: store, compression: 'gzip' },
  );
  const env = { PATH: '/usr/local/bin', RELEASE: text };
  const layers = [{ layer, createdBy: text }];
  const image = assembleImage({ base: scratchBase, layers, config: { env }, platform: PLATFORM });
  await writeImage(store, image);
  await copyImage(store, image.descriptor, openRegistry(`${registry.host}/bases/node`), { tags: [tag] });
}

async function withLayout(): Promise<{ readonly rig: CliRig; readonly layout: Layout } & AsyncDisposable> {
  const rig = await cliRig({});
  const layout = await createLayout(join(rig.directory, 'dist/image'));
  return { rig, layout, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

describe('mcpgen image inspect', () => {
  it('shows configuration, layers with what is in them, labels and referrers', async () => {
    await using test = await withLayout();
    const { rig, layout } = test;
    const files = { 'app/main.js': 'main', 'app/big.js': 'x'.repeat(5000) };
    const { descriptor } = await writeImageIn(layout, { files, labels: { 'org.example': 'yes' } });
    await writeReferrer(
      layout,
      assembleReferrer({
        subject: descriptor,
        mediaType: 'application/vnd.cyclonedx+json',
        content: Buffer.from('{}'),
      }),
    );
    const people = await rig.run(['image', 'inspect']);
    expect(people.code, people.stderr).toBe(0);
    for (const text of [descriptor.digest, 'linux/amd64', 'node /app/main.js', 'PORT=3000', 'org.example=yes']) {
      expect(people.stdout).toContain(text);
    }
    expect(people.stdout).toMatch(/layer:app +2 files, 5\.0 kB: app\/big\.js 5\.0 kB, app\/main\.js 4 B/);
    expect(people.stdout).toMatch(/application\/vnd\.cyclonedx\+json +\d+ B/);
    const program = (await rig.run(['image', 'inspect', 'dist/image', '--files', '--json'])).json();
    expect(program).toMatchObject({
      code: 'IMAGE_INSPECTED',
      digest: descriptor.digest,
      referrers: [{ artifactType: 'application/vnd.cyclonedx+json' }],
      images: [
        { platform: 'linux/amd64', layers: [{ contents: { files: 2 }, files: [{}, { path: 'app/big.js' }, {}] }] },
      ],
    });
  });

  it('reads a tar file, a tag of a layout and an image of a registry', async () => {
    await using registry = await startRegistry();
    await using test = await withLayout();
    const { rig, layout } = test;
    const { descriptor } = await writeImageIn(layout, { tag: '1.0' });
    await copyImage(layout, descriptor, openRegistry(`${registry.host}/a`), { tags: ['1.0'] });
    await rig.write({ 'package.json': '{}' });
    const tar = join(rig.directory, 'image.tar');
    const { writeImageArchive } = await import('@mcpgen/oci');
    await writeImageArchive(layout, descriptor, { file: tar, references: ['a:1.0'] });
    for (const name of ['image.tar', 'dist/image:1.0', `dist/image@${descriptor.digest}`, `${registry.host}/a:1.0`]) {
      const ran = await rig.run(['image', 'inspect', name, '--no-files', '--json']);
      expect([ran.code, ran.json().digest], name).toEqual([0, descriptor.digest]);
    }
    const blobs = registry.requests.filter(({ path }) => layout && path.includes('/blobs/'));
    expect(blobs.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it('lets no image steer the terminal', async () => {
    await using test = await withLayout();
    const evil = { 'app/\u202eevil': 'x' };
    await writeImageIn(test.layout, { files: evil, labels: { a: '\u001b[2Jgone\nforged: line' } });
    const { stdout } = await test.rig.run(['image', 'inspect', '--files']);
    expect(stdout).toContain('a=?[2Jgone?forged: line');
    expect(stdout).toContain('app/?evil');
  });

  it.each(['inspect', 'validate'])('%s before the first build says so, and asks no registry', async (command) => {
    await using rig = await cliRig();
    const ran = await rig.run(['image', command, '--json']);
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({ code: 'IMAGE_MISSING', fix: expect.stringContaining('mcpgen build') });
  });

  it.each([
    ['./nothing', 2, 'IMAGE_MISSING'],
    ['image.tar', 2, 'IMAGE_MISSING'],
    ['package.json', 2, 'ARCHIVE_INVALID'],
    ['tools', 2, 'LAYOUT_INVALID'],
    ['dist/image:2.0', 1, 'TAG_NOT_FOUND'],
    ['127.0.0.1:1/a:1', 3, 'REGISTRY_UNAVAILABLE'],
    ['Not/A/Name', 2, 'REFERENCE_INVALID'],
  ])('says of %s what is wrong', async (name, code, error) => {
    await using test = await withLayout();
    await test.rig.write({ 'tools/x': 'x' });
    await writeImageIn(test.layout);
    const ran = await test.rig.run(['image', 'inspect', name, '--json']);
    expect([ran.json().code, ran.code]).toEqual([error, code]);
  });
});

describe('mcpgen image diff', () => {
  it('says what differs, down to the file', async () => {
    await using test = await withLayout();
    const { rig, layout } = test;
    await writeImageIn(layout, { files: { 'app/a.js': 'a', 'app/b.js': 'b' }, labels: { v: '1' }, tag: 'one' });
    await writeImageIn(layout, { files: { 'app/a.js': 'aa', 'app/c.js': 'c' }, labels: { v: '2' }, tag: 'two' });
    const people = await rig.run(['image', 'diff', 'dist/image:one', 'dist/image:two']);
    expect(people.code, people.stderr).toBe(0);
    expect(people.stdout.split('\n')).toEqual(
      expect.arrayContaining([
        '- config.Labels.v 1',
        '+ config.Labels.v 2',
        '    ~ app/a.js (content, 1 B -> 2 B)',
        '    - app/b.js (1 B)',
        '    + app/c.js (1 B)',
        '1 value and 1 layer differ',
      ]),
    );
    const same = (await rig.run(['image', 'diff', 'dist/image:one', 'dist/image:one', '--json'])).json();
    expect(same).toMatchObject({ code: 'IMAGES_COMPARED', same: true, values: [], layers: [{ kind: 'same' }] });
  });
});

describe('mcpgen image validate', () => {
  it('reads everything, and ends with exit code 1 where something does not hold', async () => {
    await using test = await withLayout();
    const { rig, layout } = test;
    const { layers } = await writeImageIn(layout);
    expect(await rig.run(['image', 'validate'])).toMatchObject({ code: 0 });
    const [layer] = layers;
    if (layer === undefined) throw new Error('no layer');
    const path = layout.blobPath(layer.digest);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0, 20, 24));
    const ran = await rig.run(['image', 'validate', '--json']);
    expect(ran.code).toBe(1);
    expect(ran.json()).toMatchObject({ code: 'IMAGE_INVALID', problems: [{ digest: layer.digest }] });
  });
});

describe('mcpgen image rebase', () => {
  async function appOn(registry: TestRegistry) {
    await pushBase(registry, '24', '24.1.0', 'first');
    const name = `${registry.host}/bases/node:24`;
    const base = await readBase(openRegistry(name), { name, reference: '24', platform: PLATFORM });
    await using directory = await temporaryDirectory();
    const layout = await createLayout(directory.path);
    const { descriptor } = await writeImageIn(layout, { base });
    const app = `${registry.host}/team/app:1.0`;
    const { joinStores } = await import('@mcpgen/oci');
    await copyImage(joinStores(layout, base.source), descriptor, openRegistry(app), { tags: ['1.0'] });
    return { app, digest: descriptor.digest };
  }

  it('puts an image on what the tag of its base stands for now, without sending a layer', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig({});
    const { app, digest } = await appOn(registry);
    const again = await rig.run(['image', 'rebase', app, '--json']);
    expect(again.json(), again.stderr).toMatchObject({ code: 'IMAGE_CURRENT', digest });

    await pushBase(registry, '24', '24.2.0', 'second');
    registry.clearLog();
    const ran = await rig.run(['image', 'rebase', app, '--json']);
    expect(ran.code, ran.stdout).toBe(0);
    expect(ran.json()).toMatchObject({ code: 'IMAGE_REBASED', before: digest, mounted: 1, copied: 2 });
    const store = openRegistry(app);
    const root = await store.resolve('1.0');
    expect(root.digest).toBe(ran.json().digest);
    expect(await validateImage(store, root)).toEqual([]);
    const sent = registry.requests.filter(({ method, path }) => method === 'PUT' && path.includes('/blobs/'));
    expect(sent).toHaveLength(1);
    const shown = (await rig.run(['image', 'inspect', app, '--no-files'])).stdout;
    expect(shown).toContain('RELEASE=second');
    expect(shown).toContain('PORT=3000');
  });

  it('gives the result another name, and another base, where it is told to', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig({});
    const { app, digest } = await appOn(registry);
    await pushBase(registry, '24-new', '24.9.0', 'new');
    const tag = `${registry.host}/other/app:2.0`;
    const ran = await rig.run(['image', 'rebase', app, '--base', `${registry.host}/bases/node:24-new`, '--tag', tag]);
    expect(ran.code, ran.stderr).toBe(0);
    expect((await openRegistry(tag).resolve('2.0')).digest).toBe(ran.stdout.trim());
    expect((await openRegistry(app).resolve('1.0')).digest).toBe(digest);
  });

  it('refuses another major version of Node, and leaves the tag as it was', async () => {
    await using registry = await startRegistry();
    await using rig = await cliRig({});
    const { app, digest } = await appOn(registry);
    await pushBase(registry, '24', '26.0.0', 'next');
    const ran = await rig.run(['image', 'rebase', app, '--json']);
    expect(ran.code).toBe(1);
    expect(ran.json()).toMatchObject({
      code: 'REBASE_REFUSED',
      message: expect.stringContaining('Node 26 instead of 24'),
    });
    expect((await openRegistry(app).resolve('1.0')).digest).toBe(digest);
  });

  it('refuses an image that does not say its base, or has another one', async () => {
    await using registry = await startRegistry();
    await using test = await withLayout();
    const { rig, layout } = test;
    await writeImageIn(layout);
    await pushBase(registry, '24', '24.1.0', 'first');
    expect((await rig.run(['image', 'rebase', 'dist/image', '--json'])).json()).toMatchObject({ code: 'BASE_UNTOLD' });
    const named = ['--old-base', `${registry.host}/bases/node:24`, '--base', `${registry.host}/bases/node:24`];
    await pushBase(registry, 'new', '24.1.0', 'other');
    const ran = await rig.run([
      'image',
      'rebase',
      'dist/image',
      '--json',
      ...named.slice(0, 3),
      `${registry.host}/bases/node:new`,
    ]);
    expect(ran.json()).toMatchObject({ code: 'REBASE_REFUSED' });
  });
});
