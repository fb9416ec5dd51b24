import { describe, expect, it } from 'vitest';
import { sha256 } from './registry-content.ts';
import { startRegistry, type TestRegistry } from './start-registry.ts';

const HELLO = Buffer.from('hello');
const DIGEST = sha256(HELLO);

async function upload(registry: TestRegistry, repository: string, digest = DIGEST): Promise<Response> {
  const begun = await fetch(`${registry.url}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(begun.headers.get('location') ?? '', registry.url);
  place.searchParams.set('digest', digest);
  return fetch(place, { method: 'PUT', body: HELLO });
}

describe('startRegistry', () => {
  it('takes a blob and gives it back, whole and in part', async () => {
    await using registry = await startRegistry();
    expect((await upload(registry, 'owner/app')).status).toBe(201);
    const url = `${registry.url}/v2/owner/app/blobs/${DIGEST}`;
    expect(await (await fetch(url)).text()).toBe('hello');
    const part = await fetch(url, { headers: { range: 'bytes=2-' } });
    expect([part.status, await part.text()]).toEqual([206, 'llo']);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '5']);
  });

  it('takes a blob in chunks', async () => {
    await using registry = await startRegistry();
    const begun = await fetch(`${registry.url}/v2/a/blobs/uploads/`, { method: 'POST' });
    let place = new URL(begun.headers.get('location') ?? '', registry.url);
    for (const part of ['hel', 'lo']) {
      const next = await fetch(place, { method: 'PATCH', body: part });
      place = new URL(next.headers.get('location') ?? '', registry.url);
    }
    place.searchParams.set('digest', DIGEST);
    expect((await fetch(place, { method: 'PUT' })).status).toBe(201);
    expect(registry.repository('a').blobs.get(DIGEST)?.toString()).toBe('hello');
  });

  it('keeps repositories apart, and mounts from one to the other', async () => {
    await using registry = await startRegistry();
    await upload(registry, 'one');
    expect((await fetch(`${registry.url}/v2/two/blobs/${DIGEST}`)).status).toBe(404);
    const mount = (from: string) =>
      fetch(`${registry.url}/v2/two/blobs/uploads/?mount=${DIGEST}&from=${from}`, { method: 'POST' });
    expect((await mount('nowhere')).status).toBe(202);
    expect((await mount('one')).status).toBe(201);
    expect((await fetch(`${registry.url}/v2/two/blobs/${DIGEST}`)).status).toBe(200);
  });

  it('refuses content that is not its digest, and manifests whose children are missing', async () => {
    await using registry = await startRegistry();
    expect((await upload(registry, 'a', sha256(Buffer.from('other')))).status).toBe(400);
    const manifest = JSON.stringify({ layers: [{ digest: DIGEST }] });
    const put = () =>
      fetch(`${registry.url}/v2/a/manifests/1`, {
        method: 'PUT',
        body: manifest,
        headers: { 'content-type': 'application/x' },
      });
    expect((await put()).status).toBe(400);
    await upload(registry, 'a');
    expect((await put()).status).toBe(201);
    const back = await fetch(`${registry.url}/v2/a/manifests/1`);
    expect([back.headers.get('content-type'), await back.text()]).toEqual(['application/x', manifest]);
    expect(await (await fetch(`${registry.url}/v2/a/tags/list`)).json()).toEqual({ name: 'a', tags: ['1'] });
  });

  it('asks for a token that grants what is wanted', async () => {
    await using registry = await startRegistry({
      auth: { kind: 'token', username: 'u', password: 'p', anonymousPull: true },
    });
    registry.putBlob('a', HELLO);
    const url = `${registry.url}/v2/a/blobs/${DIGEST}`;
    const challenge = (await fetch(url)).headers.get('www-authenticate');
    expect(challenge).toBe(`Bearer realm="${registry.url}/token",service="test",scope="repository:a:pull"`);
    const { token } = (await (await fetch(`${registry.url}/token?scope=repository:a:pull,push`)).json()) as {
      token: string;
    };
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(url, { headers })).status).toBe(200);
    expect((await fetch(`${registry.url}/v2/a/blobs/uploads/`, { method: 'POST', headers })).status).toBe(403);
    expect((await fetch(`${registry.url}/v2/b/blobs/${DIGEST}`, { headers })).status).toBe(403);
  });

  it('misbehaves as often as told, and only where told', async () => {
    await using registry = await startRegistry({
      faults: [{ kind: 'status', status: 503, method: 'GET', path: /blobs/, times: 2 }],
    });
    registry.putBlob('a', HELLO);
    const url = `${registry.url}/v2/a/blobs/${DIGEST}`;
    const statuses: number[] = [];
    for (const method of ['HEAD', 'GET', 'GET', 'GET']) statuses.push((await fetch(url, { method })).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect(registry.log()).toHaveLength(4);
  });

  it('damages, cuts, shortens and holds answers', async () => {
    await using registry = await startRegistry();
    registry.putBlob('a', HELLO);
    const get = () => fetch(`${registry.url}/v2/a/blobs/${DIGEST}`);
    registry.addFault({ kind: 'corrupt' });
    expect(await (await get()).text()).not.toBe('hello');
    registry.addFault({ kind: 'short', bytes: 2 });
    expect(await (await get()).text()).toBe('he');
    registry.addFault({ kind: 'cut', afterBytes: 2 });
    await expect(get().then((response) => response.text())).rejects.toThrow();
    registry.addFault({ kind: 'cut' });
    await expect(get()).rejects.toThrow();
    const gate = Promise.withResolvers<void>();
    registry.addFault({ kind: 'hold', until: gate.promise });
    const held = get();
    gate.resolve();
    expect(await (await held).text()).toBe('hello');
  });

  it('sends without end until the client goes away', async () => {
    await using registry = await startRegistry({ faults: [{ kind: 'endless' }] });
    registry.putBlob('a', HELLO);
    const response = await fetch(`${registry.url}/v2/a/blobs/${DIGEST}`);
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > 1_000_000) break;
    }
    expect(size).toBeGreaterThan(1_000_000);
  });
});
