import { type Fault, startRegistry, TEST_REFRESH_TOKEN } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { copyImage, memoryStore } from '../src/index.ts';
import { collectContent } from '../src/lib/verify-content.ts';
import { ACCOUNT, BIG, HELLO, open, PASSWORD, read } from './registry-fixtures.ts';
import { writeTestImage } from './test-image.ts';

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
