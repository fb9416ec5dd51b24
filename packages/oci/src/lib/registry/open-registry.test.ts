import {
  eventRecorder,
  type Fault,
  fakeClock,
  startRegistry,
  TEST_REFRESH_TOKEN,
  type TestRegistry,
} from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { writeTestImage } from '../../../test/test-image.ts';
import { copyImage } from '../copy-image.ts';
import type { Descriptor } from '../descriptor.ts';
import { digestBytes } from '../digest.ts';
import { MEDIA_TYPE } from '../media-type.ts';
import { memoryStore } from '../memory-store.ts';
import { collectContent } from '../verify-content.ts';
import type { Credentials } from './authenticator.ts';
import { openRegistry, type RegistryEvent, type RegistryOptions } from './open-registry.ts';

const ACCOUNT = { username: 'user', password: 'secret' };
const PASSWORD = async (): Promise<Credentials> => ({ kind: 'password', ...ACCOUNT });
/** Retries at once. */
const FAST = { retry: { delay: async () => {} } };

const blob = (content: string | Buffer): Descriptor & { readonly bytes: Buffer } => {
  const bytes = Buffer.from(content);
  return { mediaType: MEDIA_TYPE.layer, digest: digestBytes(bytes), size: bytes.length, bytes };
};
const HELLO = blob('hello');
const BIG = blob(Buffer.alloc(3 * 1024 * 1024, 'big'));

async function withBlob(
  content: Descriptor & { readonly bytes: Buffer },
  faults: readonly Fault[] = [],
): Promise<TestRegistry> {
  const registry = await startRegistry({ faults });
  registry.putBlob('a', content.bytes);
  return registry;
}

const open = (registry: TestRegistry, options: RegistryOptions = FAST) => openRegistry(`${registry.host}/a`, options);
const read = (registry: TestRegistry, content: Descriptor, options?: RegistryOptions) =>
  collectContent(open(registry, options).read(content));

describe('openRegistry: logging in', () => {
  it.each(['basic', 'token'] as const)('uses a user and a password (%s)', async (kind) => {
    await using registry = await startRegistry({ auth: { kind, ...ACCOUNT } });
    const store = open(registry, { credentials: PASSWORD });
    await store.ping();
    await store.write(HELLO, () => [HELLO.bytes]);
    expect((await collectContent(store.read(HELLO))).toString()).toBe('hello');
  });

  it('asks for one token per set of rights, not per request', async () => {
    await using registry = await startRegistry({ auth: { kind: 'token', ...ACCOUNT } });
    const store = open(registry, { credentials: PASSWORD, access: 'push' });
    const source = memoryStore();
    await copyImage(source, (await writeTestImage(source)).descriptor, store, { tags: ['1'] });
    expect(registry.log().filter((line) => line.startsWith('GET /token'))).toHaveLength(1);
    expect(registry.requests.filter(({ authorization }) => authorization?.startsWith('Basic'))).toHaveLength(1);
  });

  it('uses a refresh token', async () => {
    await using registry = await startRegistry({ auth: { kind: 'token', ...ACCOUNT } });
    registry.putBlob('a', HELLO.bytes);
    const credentials = async () => ({ kind: 'identity-token', token: TEST_REFRESH_TOKEN }) as const;
    expect((await read(registry, HELLO, { credentials })).toString()).toBe('hello');
    expect(registry.log()).toContain('POST /token');
  });

  it('hands a registry token on as it is', async () => {
    await using registry = await startRegistry({ auth: { kind: 'token', ...ACCOUNT } });
    const credentials = async () => ({ kind: 'registry-token', token: 'mine' }) as const;
    await expect(open(registry, { credentials }).has(HELLO)).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    expect(registry.requests.at(-1)?.authorization).toBe('Bearer mine');
  });

  it('reads without an account where that is allowed, and may not write there', async () => {
    await using registry = await startRegistry({ auth: { kind: 'token', ...ACCOUNT, anonymousPull: true } });
    registry.putBlob('a', HELLO.bytes);
    const store = open(registry);
    expect((await collectContent(store.read(HELLO))).toString()).toBe('hello');
    await expect(store.write(BIG, () => [BIG.bytes])).rejects.toMatchObject({
      code: 'REGISTRY_DENIED',
      message: expect.stringMatching(
        /^Cannot POST "http:\/\/127[^"]+": registry answered 403 DENIED: requested access/,
      ),
      hint: expect.stringContaining('The account may not do this'),
    });
  });

  it.each(['basic', 'token'] as const)('says what to do when the password is wrong (%s)', async (kind) => {
    await using registry = await startRegistry({ auth: { kind, ...ACCOUNT } });
    const credentials = async () => ({ kind: 'password', username: 'user', password: 'wrong' }) as const;
    await expect(open(registry, { credentials }).has(HELLO)).rejects.toMatchObject({
      code: 'REGISTRY_DENIED',
      hint: expect.stringContaining('docker login'),
    });
    expect(registry.requests.length).toBeLessThan(5);
  });

  it('gets a new token when one has expired', async () => {
    await using registry = await startRegistry({ auth: { kind: 'token', ...ACCOUNT } });
    registry.putBlob('a', HELLO.bytes);
    const store = open(registry, { credentials: PASSWORD });
    expect(await store.has(HELLO)).toBe(true);
    const realm = `Bearer realm="${registry.url}/token",service="test"`;
    registry.addFault({ kind: 'status', status: 401, headers: { 'www-authenticate': realm } });
    expect(await store.has(HELLO)).toBe(true);
    expect(registry.log().filter((line) => line.startsWith('GET /token'))).toHaveLength(2);
  });

  it.each([
    'http://evil.example/token',
    'https://169.254.169.254/token',
    'https://evil.example/token',
    'file:///etc/passwd',
    '',
  ])('sends nothing secret to the realm %s', async (realm) => {
    await using registry = await startRegistry({ auth: { kind: 'token', ...ACCOUNT, realm } });
    await expect(open(registry, { credentials: PASSWORD }).has(HELLO)).rejects.toMatchObject({ code: 'REALM_REFUSED' });
    expect(registry.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('does not give credentials to a token service elsewhere unless it is allowed by name', async () => {
    await using other = await startRegistry({ auth: { kind: 'token', ...ACCOUNT } });
    const realm = `${other.url.replace('127.0.0.1', 'localhost')}/token`;
    await using registry = await startRegistry({ auth: { kind: 'token', ...ACCOUNT, realm } });
    const fetched: string[] = [];
    const fetch: typeof globalThis.fetch = async (url, init) => {
      fetched.push(String(url));
      return globalThis.fetch(url, init);
    };
    await expect(open(registry, { credentials: PASSWORD, fetch, insecure: true }).has(HELLO)).rejects.toMatchObject({
      code: 'REALM_REFUSED',
    });
    expect(other.requests).toEqual([]);
    expect(fetched).toHaveLength(1);
  });

  it('does not take an endless, empty or poisoned token', async () => {
    for (const body of ['x'.repeat(70_000), '{}', 'not json', '{"token":"a\\r\\nX-Evil: 1"}', '{"token":""}']) {
      const fault: Fault = { kind: 'status', status: 200, path: /^\/token/, body };
      await using registry = await startRegistry({ auth: { kind: 'token', ...ACCOUNT }, faults: [fault] });
      await expect(open(registry, { credentials: PASSWORD }).has(HELLO)).rejects.toMatchObject({
        code: 'REGISTRY_RESPONSE_INVALID',
      });
    }
  });
});

describe('openRegistry: trouble that passes', () => {
  it('waits as long as the registry asks, or twice as long each time', async () => {
    const faults: Fault[] = [
      { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
      { kind: 'status', status: 503 },
      { kind: 'cut' },
    ];
    await using registry = await withBlob(HELLO, faults);
    const waited: number[] = [];
    const delay = async (milliseconds: number) => void waited.push(milliseconds);
    const recorder = eventRecorder<RegistryEvent>();
    const store = open(registry, { retry: { delay, random: () => 1 }, onEvent: recorder.onEvent });
    expect(await store.has(HELLO)).toBe(true);
    expect(waited).toEqual([7000, 500, 1000]);
    expect(recorder.types()).toEqual([
      'registry-request',
      'registry-retry',
      'registry-request',
      'registry-retry',
      'registry-retry',
      'registry-request',
    ]);
  });

  it('does not wait longer than the limit', async () => {
    await using registry = await withBlob(HELLO, [
      { kind: 'status', status: 429, headers: { 'retry-after': '86400' } },
    ]);
    const waited: number[] = [];
    await open(registry, { retry: { delay: async (ms) => void waited.push(ms) } }).has(HELLO);
    expect(waited).toEqual([30_000]);
  });

  it('gives up after four tries and says what the registry said', async () => {
    await using registry = await withBlob(HELLO, [
      { kind: 'status', status: 500, times: 99, body: '{"errors":[{"code":"UNKNOWN","message":"disk\\nfull"}]}' },
    ]);
    await expect(read(registry, HELLO)).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('registry answered 500 UNKNOWN: disk?full'),
      facts: { status: 500 },
    });
    expect(registry.requests).toHaveLength(4);
  });

  it('names a registry that is not there', async () => {
    const registry = await startRegistry();
    await registry.close();
    await expect(open(registry).has(HELLO)).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('stops waiting when it is told to', async () => {
    await using registry = await withBlob(HELLO, [{ kind: 'status', status: 503, times: 99 }]);
    const controller = new AbortController();
    const reason = new Error('enough');
    const clock = fakeClock();
    const waiting = open(registry, {
      retry: { delay: clock.delay },
      signal: controller.signal,
      onEvent: ({ type }) => type === 'registry-retry' && controller.abort(reason),
    });
    await expect(waiting.has(HELLO)).rejects.toBe(reason);
  });

  it('goes on with a download where it was cut', async () => {
    await using registry = await withBlob(BIG, [
      { kind: 'cut', afterBytes: 1_000_000 },
      { kind: 'cut', afterBytes: 500_000 },
    ]);
    expect((await read(registry, BIG)).equals(BIG.bytes)).toBe(true);
    const ranges = registry.requests.map(({ headers }) => headers.range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges[1]).toMatch(/^bytes=\d+-$/);
  });

  it('goes on with a registry that knows no ranges', async () => {
    await using registry = await withBlob(BIG, [{ kind: 'cut', afterBytes: 1_000_000 }]);
    const fetch: typeof globalThis.fetch = (url, init) => {
      const headers = new Headers(init?.headers);
      headers.delete('range');
      return globalThis.fetch(url, { ...init, headers });
    };
    expect((await read(registry, BIG, { fetch, ...FAST })).equals(BIG.bytes)).toBe(true);
    expect(registry.requests).toHaveLength(2);
  });

  it('gives up on a download that never brings anything', async () => {
    await using registry = await withBlob(HELLO, [{ kind: 'cut', afterBytes: 0, times: 99 }]);
    await expect(read(registry, HELLO)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });

  it('begins an upload anew when it was cut or refused for a while', async () => {
    await using registry = await startRegistry({
      faults: [
        { kind: 'cut', method: 'PUT' },
        { kind: 'status', status: 502, method: 'PUT' },
      ],
    });
    let opened = 0;
    await open(registry).write(BIG, () => {
      opened += 1;
      return [BIG.bytes];
    });
    expect(registry.repository('a').blobs.get(BIG.digest)?.equals(BIG.bytes)).toBe(true);
    expect(opened).toBe(3);
    expect(
      registry.requests.filter(({ method }) => method === 'PUT').map(({ headers }) => headers['content-length']),
    ).toEqual(Array(3).fill(String(BIG.size)));
  });
});

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

describe('openRegistry: mounts', () => {
  it('uses the upload that a refused mount has begun', async () => {
    await using registry = await startRegistry();
    const store = open(registry);
    expect(await store.mount?.(HELLO, { registry: registry.host, repository: 'other' })).toBe(false);
    await store.write(HELLO, () => [HELLO.bytes]);
    expect(registry.requests.map(({ method }) => method)).toEqual(['POST', 'PUT']);
  });

  it('does not try to mount from another registry, or from itself', async () => {
    await using registry = await withBlob(HELLO);
    const store = open(registry);
    expect(await store.mount?.(HELLO, { registry: 'ghcr.io', repository: 'other' })).toBe(false);
    expect(await store.mount?.(HELLO, { registry: registry.host, repository: 'a' })).toBe(false);
    expect(registry.requests).toEqual([]);
  });

  it('goes without where mounting is denied', async () => {
    await using registry = await startRegistry({ faults: [{ kind: 'status', status: 403 }] });
    expect(await open(registry).mount?.(HELLO, { registry: registry.host, repository: 'other' })).toBe(false);
  });
});

/** Begins an upload and gives its address, as another host than the registry would. */
async function storageUpload(storage: TestRegistry): Promise<string> {
  const response = await fetch(`${storage.url}/v2/x/blobs/uploads/`, { method: 'POST' });
  return new URL(response.headers.get('location') ?? '', storage.url).href;
}
