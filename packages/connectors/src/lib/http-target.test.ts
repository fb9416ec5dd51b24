import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveRedirect, resolveTarget } from './http-target.ts';

const base = new URL('https://api.example:8443/v1/');

describe('resolveTarget', () => {
  it.each([
    ['/tickets/7', {}, '/v1/tickets/7'],
    ['/', {}, '/v1/'],
    ['/tickets?a=1', { b: 2, c: undefined, d: 'x y&z' }, '/v1/tickets?a=1&b=2&d=x+y%26z'],
    ['/tickets/a%2Fb', {}, '/v1/tickets/a%2Fb'],
    ['/file.name/..name', {}, '/v1/file.name/..name'],
    ['/Grüße', {}, '/v1/Gr%C3%BC%C3%9Fe'],
    ['/search?q=../..', {}, '/v1/search?q=../..'],
  ])('takes %s', (path, query, target) => {
    expect(resolveTarget(base, path, query)).toBe(target);
  });

  it.each([
    'tickets',
    '',
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\\\\evil.example',
    '@evil.example/',
    '/../admin',
    '/tickets/..',
    '/tickets/./7',
    '/tickets/%2e%2E/admin',
    '/tickets/..%2fadmin',
    '/tickets/..%5Cadmin',
    '/tickets/.%2e',
    '/tick\tets',
    '/tickets/7\r\nx-evil: 1',
    '/tickets/ 7',
    '/tickets#7',
    '/\u0000',
  ])('refuses %j', (path) => {
    expect(() => resolveTarget(base, path)).toThrow(expect.objectContaining({ code: 'REQUEST_REFUSED' }));
  });

  it('never leaves the base address, whatever a path holds', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      '.',
      '..',
      '%2e',
      '\\',
      '@',
      ':',
      'evil.example',
      '?',
      '#',
      '\t',
      'a',
      '%5c',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (path) => {
          let target: string;
          try {
            target = resolveTarget(base, path);
          } catch (error) {
            expect(error).toMatchObject({ code: 'REQUEST_REFUSED' });
            return;
          }
          const url = new URL(target, base.origin);
          expect(url.origin).toBe(base.origin);
          expect(url.pathname).toMatch(/^\/v1\//);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('resolveRedirect', () => {
  it.each([
    ['/v1/b', '/v1/b'],
    ['b?x=1', '/v1/b?x=1'],
    ['https://api.example:8443/other', '/other'],
  ])('follows %s', (location, target) => {
    expect(resolveRedirect(base, '/v1/a', location)).toBe(target);
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    'http://api.example:8443/',
    'https://api.example/',
    '\\\\evil.example',
    'http://2130706433/',
    'http://[::ffff:127.0.0.1]/',
    'file:///etc/passwd',
    'http://[',
  ])('refuses %s', (location) => {
    expect(() => resolveRedirect(base, '/v1/a', location)).toThrow(
      expect.objectContaining({ code: 'REDIRECT_NOT_FOLLOWED' }),
    );
  });
});
