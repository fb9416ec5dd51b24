import { eventRecorder, type Fault, fakeClock, startRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import type { RegistryEvent } from '../src/index.ts';
import { BIG, FAST, HELLO, open, read, withBlob } from './registry-fixtures.ts';

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
