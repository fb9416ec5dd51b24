import { describe, expect, it } from 'vitest';
import { mayGetCredentials, trustedRealm, trustedTarget } from './trusted-url.ts';

const at = (root: string, tokenHosts: readonly string[] = []) => ({ root: new URL(root), tokenHosts });
const PUBLIC = at('https://ghcr.io/');
const LOCAL = at('http://127.0.0.1:5000/');

describe('trustedTarget', () => {
  it.each([
    [PUBLIC, '/v2/a/blobs/uploads/1', 'https://ghcr.io/v2/a/blobs/uploads/1'],
    [PUBLIC, 'https://cdn.example/x?sig=1', 'https://cdn.example/x?sig=1'],
    [LOCAL, 'http://127.0.0.1:9000/x', 'http://127.0.0.1:9000/x'],
    [LOCAL, 'https://cdn.example/x', 'https://cdn.example/x'],
  ])('follows', (address, location, expected) => {
    expect(trustedTarget(location, address.root, address).href).toBe(expected);
  });

  it.each([
    ['http://ghcr.io/x', 'only https'],
    ['file:///etc/passwd', 'only https'],
    ['ftp://cdn.example/x', 'only https'],
    ['https://169.254.169.254/latest/meta-data', 'private address'],
    ['https://localhost/x', 'private address'],
    ['https://[::ffff:127.0.0.1]/x', 'private address'],
    ['https://0x7f000001/x', 'private address'],
    ['https://user:pass@cdn.example/x', 'carries a user name'],
    ['https://[', 'not a URL'],
  ])('does not follow a public registry to %s', (location, problem) => {
    expect(() => trustedTarget(location, PUBLIC.root, PUBLIC)).toThrow(
      expect.objectContaining({ code: 'REDIRECT_REFUSED' }),
    );
    expect(() => trustedTarget(location, PUBLIC.root, PUBLIC)).toThrow(problem);
  });
});

describe('trustedRealm', () => {
  it.each([
    [PUBLIC, 'https://ghcr.io/token'],
    [PUBLIC, 'https://auth.example/token'],
    [LOCAL, 'http://127.0.0.1:5001/token'],
    [LOCAL, 'https://auth.example/token'],
    [at('https://10.0.0.5/'), 'https://10.0.0.5/token'],
  ])('takes', (address, realm) => {
    expect(trustedRealm(realm, address).href).toBe(realm);
  });

  it.each([
    [PUBLIC, 'http://ghcr.io/token', 'only https'],
    [PUBLIC, 'https://127.0.0.1/token', 'private address'],
    [PUBLIC, 'https://169.254.169.254/token', 'private address'],
    [LOCAL, 'http://evil.example/token', 'only https'],
    [PUBLIC, '', 'not a URL'],
    [PUBLIC, 'javascript:alert(1)', 'only https'],
    [PUBLIC, 'https://a:b@auth.example/', 'carries a user name'],
  ])('refuses', (address, realm, problem) => {
    expect(() => trustedRealm(realm, address)).toThrow(expect.objectContaining({ code: 'REALM_REFUSED' }));
    expect(() => trustedRealm(realm, address)).toThrow(problem);
  });
});

describe('mayGetCredentials', () => {
  it.each([
    ['https://ghcr.io/', 'https://ghcr.io/token', true],
    ['https://registry-1.docker.io/', 'https://auth.docker.io/token', true],
    ['https://registry.gitlab.com/', 'https://gitlab.com/jwt/auth', true],
    ['https://ghcr.io/', 'https://evil.example/token', false],
    ['https://mine.azurecr.io/', 'https://evil.azurecr.io/token', false],
    ['https://registry.example.com/', 'https://com/token', false],
    ['https://evil.example/', 'https://auth.docker.io/token', false],
    ['https://notgitlab.com/', 'https://gitlab.com/jwt/auth', false],
  ])('%s and %s: %s', (root, realm, expected) => {
    expect(mayGetCredentials(new URL(realm), at(root))).toBe(expected);
  });

  it('may be allowed by name', () => {
    const realm = new URL('https://auth.example.com/token');
    expect(mayGetCredentials(realm, at('https://registry.example.com/'))).toBe(false);
    expect(mayGetCredentials(realm, at('https://registry.example.com/', ['auth.example.com']))).toBe(true);
  });
});
