import { eventRecorder, type Fault, fakeClock, startRegistry, type TestRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { digestBytes, mirroredRegistry, type RegistryEvent } from '../src/index.ts';
import { collectContent } from '../src/lib/verify-content.ts';
import { BIG, FAST, HELLO, LARGE, open, read, withBlob } from './registry-fixtures.ts';

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

describe('openRegistry: uploads that go on', () => {
  const uploads = (registry: TestRegistry) =>
    registry.requests
      .filter(({ path }) => path.includes('/uploads/'))
      .map(({ method, headers }) => [method, headers['content-range'] ?? ''].join(' ').trim());

  it('goes on with an upload where it was cut, as often as it is', async () => {
    await using registry = await startRegistry({
      faults: [
        { kind: 'cut-upload', method: 'PATCH', afterBytes: 1_000_000 },
        { kind: 'cut-upload', method: 'PATCH', afterBytes: 500_000 },
      ],
    });
    await open(registry).write(LARGE, () => [LARGE.bytes]);
    expect(registry.repository('a').blobs.get(LARGE.digest)?.equals(LARGE.bytes)).toBe(true);
    const end = LARGE.size - 1;
    expect(uploads(registry)).toEqual([
      'POST',
      'PATCH',
      'GET',
      `PATCH 1000000-${end}`,
      'GET',
      `PATCH 1500000-${end}`,
      'PUT',
    ]);
  });

  it('begins anew where the registry has forgotten the upload, or takes no more of it', async () => {
    for (const status of [404, 416]) {
      await using registry = await startRegistry({
        faults: [
          { kind: 'cut-upload', method: 'PATCH', afterBytes: 1_000_000 },
          { kind: 'status', method: 'GET', path: /uploads/, status },
        ],
      });
      await open(registry).write(LARGE, () => [LARGE.bytes]);
      expect(registry.repository('a').blobs.get(LARGE.digest)?.equals(LARGE.bytes)).toBe(true);
      expect(uploads(registry)).toEqual(['POST', 'PATCH', 'GET', 'POST', 'PATCH', 'PUT']);
    }
  });

  it('sends in pieces what a proxy does not take as a whole', async () => {
    const bytes = Buffer.alloc(40 * 1024 * 1024, 'large');
    const large = { mediaType: LARGE.mediaType, digest: digestBytes(bytes), size: bytes.length };
    await using registry = await startRegistry({ faults: [{ kind: 'status', method: 'PATCH', status: 413 }] });
    await open(registry).write(large, () => [bytes]);
    expect(registry.repository('a').blobs.get(large.digest)?.equals(bytes)).toBe(true);
    expect(uploads(registry)).toEqual([
      'POST',
      'PATCH',
      'POST',
      'PATCH 0-16777215',
      'PATCH 16777216-33554431',
      'PATCH 33554432-41943039',
      'PUT',
    ]);
  });

  it('finds content that is not what was announced, also where an upload goes on', async () => {
    await using registry = await startRegistry({
      faults: [{ kind: 'cut-upload', method: 'PATCH', afterBytes: 1_000_000 }],
    });
    let opened = 0;
    const changing = () => {
      opened += 1;
      return opened === 1 ? [LARGE.bytes] : [Buffer.from(LARGE.bytes).fill('x', LARGE.size - 10)];
    };
    await expect(open(registry).write(LARGE, changing)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(registry.repository('a').blobs.has(LARGE.digest)).toBe(false);
  });
});

describe('mirroredRegistry', () => {
  const mirrored = (origin: TestRegistry, ...mirrors: readonly TestRegistry[]) =>
    mirroredRegistry(
      open(origin),
      mirrors.map((mirror) => open(mirror, { retry: { attempts: 1 } })),
    );

  it('reads from the first mirror that has it, and leaves the registry alone', async () => {
    await using mirror = await withBlob(HELLO);
    await using origin = await withBlob(HELLO);
    const store = mirrored(origin, mirror);
    expect(await store.has(HELLO)).toBe(true);
    expect((await collectContent(store.read(HELLO))).toString()).toBe('hello');
    expect(origin.requests).toEqual([]);
  });

  it.each<[string, Fault | undefined]>([
    ['has not got it', undefined],
    ['is down', { kind: 'cut', times: 99 }],
    ['denies', { kind: 'status', status: 403, times: 99 }],
    ['gives other bytes from the start', { kind: 'short', bytes: 0, times: 99 }],
  ])('reads from the registry where the mirror %s', async (_, fault) => {
    await using mirror = await startRegistry(fault && { faults: [fault] });
    await using origin = await withBlob(HELLO);
    const store = mirrored(origin, mirror);
    expect(await store.has(HELLO)).toBe(true);
    expect((await collectContent(store.read(HELLO))).toString()).toBe('hello');
    await expect(store.resolve('none')).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' });
  });

  it('never gives damaged bytes for good ones', async () => {
    await using mirror = await withBlob(HELLO, [{ kind: 'corrupt', method: 'GET' }]);
    await using origin = await withBlob(HELLO);
    await expect(collectContent(mirrored(origin, mirror).read(HELLO))).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
  });

  it('writes to the registry alone', async () => {
    await using mirror = await startRegistry();
    await using origin = await startRegistry();
    await mirrored(origin, mirror).write(HELLO, () => [HELLO.bytes]);
    expect(origin.repository('a').blobs.has(HELLO.digest)).toBe(true);
    expect(mirror.requests).toEqual([]);
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

  it('begins another upload when that one fails', async () => {
    await using registry = await startRegistry({ faults: [{ kind: 'cut', method: 'PUT' }] });
    const store = open(registry);
    await store.mount?.(HELLO, { registry: registry.host, repository: 'other' });
    await store.write(HELLO, () => [HELLO.bytes]);
    expect(registry.requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'POST', 'PUT']);
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
