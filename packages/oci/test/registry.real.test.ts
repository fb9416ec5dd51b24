import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serviceForTest, temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import {
  assembleIndex,
  copyImage,
  createLayout,
  digestBytes,
  joinStores,
  MEDIA_TYPE,
  memoryStore,
  openRegistry,
  readBase,
  validateImage,
  writeIndex,
} from '../src/index.ts';
import { describeImageStore } from './image-store.contract.ts';
import { describeReferrerStore } from './referrer-store.contract.ts';
import { PLATFORM, writeTestImage } from './test-image.ts';

const run = promisify(execFile);
const service = serviceForTest('MCPGEN_TEST_REGISTRY', {
  script: 'scripts/services/start-registry.sh',
  environment: process.env,
});
if (service.kind === 'absent') process.stderr.write(`skipped: registry.real.test.ts: ${service.reason}\n`);
const host = service.kind === 'present' ? service.address : '';
/** A name of its own for each test, so that no run sees another's blobs. */
const repository = (name: string) => `${host}/mcpgen-test/${randomUUID()}/${name}`;

describe.skipIf(service.kind === 'absent')('a real registry', { timeout: 60_000 }, () => {
  describeImageStore('openRegistry', async () => ({
    store: openRegistry(repository('store')),
    [Symbol.asyncDispose]: async () => {},
  }));

  describeReferrerStore('openRegistry', async () => ({
    store: openRegistry(repository('referrers')),
    [Symbol.asyncDispose]: async () => {},
  }));

  it('answers a ping', async () => {
    await openRegistry(repository('ping')).ping();
  });

  it('takes an image, and gives it back whole', async () => {
    await using directory = await temporaryDirectory();
    const source = await createLayout(join(directory.path, 'source'));
    const { descriptor } = await writeTestImage(source);
    const store = openRegistry(repository('app'));
    await copyImage(source, descriptor, store, { tags: ['1.0'] });
    const back = await createLayout(join(directory.path, 'back'));
    await copyImage(store, await store.resolve('1.0'), back, { tags: ['1.0'] });
    expect(await validateImage(back, await back.resolve('1.0'))).toEqual([]);
  });

  it('takes an index of two platforms', async () => {
    const source = memoryStore();
    const images = [
      await writeTestImage(source),
      await writeTestImage(source, { platform: { os: 'linux', architecture: 'arm64' } }),
    ];
    const index = assembleIndex(images);
    await writeIndex(source, index);
    const store = openRegistry(repository('multi'));
    await copyImage(source, index.descriptor, store, { tags: ['1.0'] });
    expect(await validateImage(store, await store.resolve('1.0'))).toEqual([]);
  });

  it('mounts the layers of a base', async () => {
    const own = memoryStore();
    const baseName = repository('base');
    const baseStore = openRegistry(baseName);
    await copyImage(own, (await writeTestImage(own, { files: { base: randomUUID() } })).descriptor, baseStore, {
      tags: ['1'],
    });
    const base = await readBase(baseStore, { name: baseName, reference: '1', platform: PLATFORM });
    const build = memoryStore();
    const { descriptor } = await writeTestImage(build, { base });
    const target = openRegistry(repository('app'));
    expect(await copyImage(joinStores(build, base.source), descriptor, target, { tags: ['1'] })).toMatchObject({
      mounted: 1,
      copied: 3,
    });
    expect(await validateImage(target, descriptor)).toEqual([]);
  });

  it('takes a blob whose upload was cut', async () => {
    const bytes = randomBytes(6 * 1024 * 1024);
    const blob = { mediaType: MEDIA_TYPE.layer, digest: digestBytes(bytes), size: bytes.length };
    const seen: string[] = [];
    let cut = false;
    const fetch: typeof globalThis.fetch = async (url, init) => {
      seen.push([init?.method, new Headers(init?.headers).get('content-range') ?? ''].join(' ').trim());
      if (init?.method !== 'PATCH' || cut) return globalThis.fetch(url, init);
      cut = true;
      const half = bytes.subarray(0, 4_000_000);
      const body = ReadableStream.from(
        (async function* () {
          yield half;
          // Long enough for the registry to have read it.
          await new Promise((resolve) => setTimeout(resolve, 300));
          throw new TypeError('cut');
        })(),
      );
      return globalThis.fetch(url, { ...init, body, duplex: 'half' } as RequestInit);
    };
    const store = openRegistry(repository('resumed'), { fetch, retry: { delay: async () => {} } });
    await store.write(blob, () => [bytes]);
    expect(await store.has(blob)).toBe(true);
    // This registry forgets an upload that was cut: it is asked, and the upload begins anew.
    expect(seen).toContain('GET');
  });

  it('refuses a manifest whose blobs are missing, and we say how', async () => {
    const own = memoryStore();
    const { descriptor, bytes } = await writeTestImage(own);
    await expect(openRegistry(repository('partial')).write(descriptor, () => [bytes.manifest])).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: expect.stringMatching(/registry answered 400 MANIFEST_BLOB_UNKNOWN/),
    });
  });

  it('holds what other tools read', async (context) => {
    const tool = await run('skopeo', ['--version']).catch(() => undefined);
    if (tool === undefined) context.skip('skopeo is not installed');
    await using directory = await temporaryDirectory();
    const name = repository('app');
    const source = await createLayout(join(directory.path, 'layout'));
    const { descriptor } = await writeTestImage(source, { tags: ['latest'] });
    await copyImage(source, descriptor, openRegistry(name), { tags: ['1.0'] });
    const policy = ['--insecure-policy'];
    await run('skopeo', [
      ...policy,
      'copy',
      '--src-tls-verify=false',
      `docker://${name}:1.0`,
      `dir:${join(directory.path, 'out')}`,
    ]);
    await run('skopeo', [
      ...policy,
      'copy',
      '--dest-tls-verify=false',
      `oci:${source.directory}:latest`,
      `docker://${name}:from-layout`,
    ]);
    expect((await openRegistry(name).resolve('from-layout')).digest).toBe(descriptor.digest);
  });
});
