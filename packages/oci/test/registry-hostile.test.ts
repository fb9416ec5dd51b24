import { type Fault, startRegistry, type TestRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { copyImage, MEDIA_TYPE, memoryStore } from '../src/index.ts';
import { collectContent } from '../src/lib/verify-content.ts';
import { ACCOUNT, HELLO, open, PASSWORD, read, withBlob } from './registry-fixtures.ts';
import { writeTestImage } from './test-image.ts';

describe('openRegistry: content that is not what it should be', () => {
  it.each([
    [{ kind: 'corrupt' }, 'DIGEST_MISMATCH'],
    [{ kind: 'short', bytes: 3 }, 'SIZE_MISMATCH'],
    [{ kind: 'endless' }, 'SIZE_MISMATCH'],
    [{ kind: 'status', status: 200, body: '<html>log in to the network</html>' }, 'SIZE_MISMATCH'],
  ] satisfies [Fault, string][])('refuses a blob: %j', async (fault, code) => {
    await using registry = await withBlob(HELLO, [fault]);
    await expect(read(registry, HELLO)).rejects.toMatchObject({ code, facts: { digest: HELLO.digest } });
  });

  it('refuses a manifest that is another, endless, or no manifest', async () => {
    const source = memoryStore();
    const { descriptor } = await writeTestImage(source);
    for (const fault of [{ kind: 'corrupt' }, { kind: 'endless' }, { kind: 'short', bytes: 9 }] satisfies Fault[]) {
      await using registry = await startRegistry();
      await copyImage(source, descriptor, open(registry), { tags: ['1'] });
      registry.addFault({ ...fault, method: 'GET', path: /manifests/ });
      await expect(read(registry, descriptor)).rejects.toMatchObject({
        code: expect.stringMatching(/^(DIGEST|SIZE)_MISMATCH$/),
      });
    }
  });

  it('resolves a tag without the help of headers, by the content', async () => {
    await using registry = await startRegistry();
    const source = memoryStore();
    const { descriptor } = await writeTestImage(source);
    await copyImage(source, descriptor, open(registry), { tags: ['1'] });
    registry.addFault({ kind: 'headers', headers: { 'docker-content-digest': '' }, times: 2 });
    const { platform: _, ...expected } = descriptor;
    expect(await open(registry).resolve('1')).toEqual(expected);
  });

  it('does not resolve a tag to a page, or to more than 4 MiB', async () => {
    for (const [type, body] of [
      ['text/html', '<html>'],
      [MEDIA_TYPE.manifest, 'x'.repeat(5 * 1024 * 1024)],
    ] as const) {
      await using registry = await startRegistry({
        faults: [{ kind: 'status', status: 200, headers: { 'content-type': type }, body, times: 2 }],
      });
      await expect(open(registry).resolve('1')).rejects.toMatchObject({ code: 'REGISTRY_RESPONSE_INVALID' });
    }
  });

  it('does not believe a registry that stored something else', async () => {
    const wrong = `sha256:${'0'.repeat(64)}`;
    await using registry = await startRegistry({
      faults: [{ kind: 'headers', method: 'PUT', headers: { 'docker-content-digest': wrong } }],
    });
    await expect(open(registry).write(HELLO, () => [HELLO.bytes])).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });
});

describe('openRegistry: redirects', () => {
  it('follows a download to another host, without the Authorization header', async () => {
    await using cdn = await startRegistry();
    const digest = cdn.putBlob('x', HELLO.bytes);
    await using registry = await startRegistry({ auth: { kind: 'basic', ...ACCOUNT } });
    const store = open(registry, { credentials: PASSWORD });
    await store.has(HELLO);
    registry.addFault({ kind: 'redirect', to: `${cdn.url}/v2/x/blobs/${digest}?signature=1` });
    expect((await collectContent(store.read(HELLO))).toString()).toBe('hello');
    expect(registry.requests.at(-1)?.authorization).toMatch(/^Basic /);
    expect(cdn.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('does not log in at a host it was redirected to', async () => {
    await using stranger = await startRegistry({ auth: { kind: 'basic', ...ACCOUNT } });
    await using registry = await startRegistry({ auth: { kind: 'basic', ...ACCOUNT } });
    const store = open(registry, { credentials: PASSWORD });
    await store.ping();
    registry.addFault({ kind: 'redirect', to: `${stranger.url}/v2/x/blobs/${HELLO.digest}` });
    await expect(store.has(HELLO)).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    expect(stranger.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('uploads to another host, without the Authorization header', async () => {
    await using storage = await startRegistry();
    const place = await storageUpload(storage);
    await using registry = await startRegistry({ auth: { kind: 'basic', ...ACCOUNT } });
    const store = open(registry, { credentials: PASSWORD });
    await store.ping();
    registry.addFault({ kind: 'status', method: 'POST', status: 202, headers: { location: place } });
    await store.write(HELLO, () => [HELLO.bytes]);
    expect(storage.repository('x').blobs.has(HELLO.digest)).toBe(true);
    expect(storage.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it('follows at most five', async () => {
    await using registry = await withBlob(HELLO, [{ kind: 'redirect', to: '/v2/', times: 99 }]);
    await expect(read(registry, HELLO)).rejects.toMatchObject({
      code: 'REDIRECT_REFUSED',
      message: expect.stringContaining('more than 5'),
    });
    expect(registry.requests).toHaveLength(6);
  });

  it('does not turn an upload into a GET', async () => {
    await using registry = await withBlob(HELLO, [{ kind: 'redirect', to: '/v2/', status: 302, method: 'POST' }]);
    await expect(open(registry).write(HELLO, () => [HELLO.bytes])).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' });
  });

  it('does not show the secret of an upload in a message', async () => {
    await using registry = await startRegistry({ faults: [{ kind: 'status', status: 400, method: 'PUT' }] });
    const failure = await open(registry)
      .write(HELLO, () => [HELLO.bytes])
      .catch((error: Error) => error);
    expect(String(failure)).toMatch(/Cannot PUT "http:\/\/127[^?"]+": registry answered 400$/);
  });
});

/** Begins an upload and gives its address, as another host than the registry would. */
async function storageUpload(storage: TestRegistry): Promise<string> {
  const response = await fetch(`${storage.url}/v2/x/blobs/uploads/`, { method: 'POST' });
  return new URL(response.headers.get('location') ?? '', storage.url).href;
}
