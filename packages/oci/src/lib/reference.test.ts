import { describe, expect, it } from 'vitest';
import { formatReference, parseReference } from './reference.ts';

const digest = `sha256:${'0'.repeat(64)}` as const;

describe('parseReference', () => {
  it.each([
    ['node', { registry: 'docker.io', repository: 'library/node' }],
    ['node:24-slim', { registry: 'docker.io', repository: 'library/node', tag: '24-slim' }],
    ['owner/app', { registry: 'docker.io', repository: 'owner/app' }],
    ['docker.io/node', { registry: 'docker.io', repository: 'library/node' }],
    ['index.docker.io/owner/app', { registry: 'docker.io', repository: 'owner/app' }],
    ['ghcr.io/a/b:1', { registry: 'ghcr.io', repository: 'a/b', tag: '1' }],
    ['GHCR.io/a/b', { registry: 'ghcr.io', repository: 'a/b' }],
    ['localhost/a', { registry: 'localhost', repository: 'a' }],
    ['localhost:5000/a:5000', { registry: 'localhost:5000', repository: 'a', tag: '5000' }],
    ['127.0.0.1:5000/a/b/c_d.e--f', { registry: '127.0.0.1:5000', repository: 'a/b/c_d.e--f' }],
    ['[::1]:5000/a', { registry: '[::1]:5000', repository: 'a' }],
    [`ghcr.io/a@${digest}`, { registry: 'ghcr.io', repository: 'a', digest }],
    [`ghcr.io/a:1@${digest}`, { registry: 'ghcr.io', repository: 'a', tag: '1', digest }],
  ])('reads %s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
    expect(parseReference(formatReference(parseReference(text)))).toEqual(expected);
  });

  it.each([
    ['', 'its name may have'],
    ['https://ghcr.io/a', 'expected no scheme'],
    ['ghcr.io/A/b', 'its name must be in lower case'],
    ['a/../b', 'its name may have'],
    ['ghcr.io/', 'its name may have'],
    ['ghcr.io//a', 'its name may have'],
    ['a:', 'its tag may have'],
    ['a:b c', 'its tag may have'],
    [`a:${'x'.repeat(129)}`, 'its tag may have'],
    ['a@sha256:abc', 'after "@" expected'],
    ['a@sha512:00', 'after "@" expected'],
    ['a@', 'after "@" expected'],
    ['ghcr.io:99999999/a', '"ghcr.io:99999999" is not a host name'],
    ['user:pass@ghcr.io/a', 'after "@" expected'],
    ['ghcr.io/a?x=1', 'its name may have'],
    ['ghcr.io/a%2fb', 'its name may have'],
    [`ghcr.io/${'a'.repeat(256)}`, 'longer than 255'],
    ['ghcr.io/a\nb', 'its name may have'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'REFERENCE_INVALID' }));
    expect(() => parseReference(text)).toThrow(problem);
  });
});
