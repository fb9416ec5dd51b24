import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UriTemplate } from './uri-template.ts';

describe('UriTemplate', () => {
  it.each([
    ['test://{id}', 'test://a', { id: 'a' }],
    ['test://{id}', 'test://a%20b', { id: 'a b' }],
    ['test://{id}', 'test://', undefined],
    ['test://{id}', 'test://a/b', undefined],
    ['test://{id}/data', 'test://a/data', { id: 'a' }],
    ['test://{id}/data', 'test://a/data/data', undefined],
    ['{a}-{b}', 'x-y-z', { a: 'x-y', b: 'z' }],
    ['{+a}x{b}', '1x/2x3', { a: '1x/2', b: '3' }],
    ['file:///{+path}', 'file:///a/b/c.txt', { path: 'a/b/c.txt' }],
    ['{+dir}/{name}', 'a/b/c', { dir: 'a/b', name: 'c' }],
    ['a{#section}', 'a#one', { section: 'one' }],
    ['a{.ext}', 'a.tar', { ext: 'tar' }],
    ['a{/x,y}', 'a/1/2', { x: '1', y: '2' }],
    ['a{/path*}', 'a/1/2/3', { path: '1/2/3' }],
    ['a{;x,y}', 'a;x=1;y=2', { x: '1', y: '2' }],
    ['a{?x,y}', 'a?x=1&y=2', { x: '1', y: '2' }],
    ['a{?x,y}', 'a?y=2', { y: '2' }],
    ['a{?x,y}', 'a', {}],
    ['a{?x}', 'a?z=1', undefined],
    ['a?k=1{&x}', 'a?k=1&x=2', { x: '2' }],
    ['{x,y}', '1,2', { x: '1', y: '2' }],
    ['{id}', '%zz', undefined],
    ['plain', 'plain', {}],
    ['plain', 'other', undefined],
  ])('matches %s with %s', (template, uri, expected) => {
    const found = new UriTemplate(template).match(uri);
    expect(found && { ...found }).toEqual(expected);
  });

  it.each(['{', '}', '{}', '{a', 'a}', '{!a}', '{a b}', '{a:3}', '{{a}}'])('refuses %s', (template) => {
    expect(() => new UriTemplate(template)).toThrow(SyntaxError);
  });

  it('gives back what was put in, whatever it is', () => {
    const template = new UriTemplate('test://{a}/{b}{?c}');
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const [x, y, z] = [a, b, c].map(encodeURIComponent);
        expect({ ...template.match(`test://${x}/${y}?c=${z}`) }).toEqual({ a, b, c });
      }),
    );
  });

  it('keeps names such as __proto__ to itself', () => {
    const found = new UriTemplate('{__proto__}').match('x');
    expect(Object.keys(found ?? {})).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('takes as many steps as the URI has characters', () => {
    const template = new UriTemplate('{+a},{+b},{+c},{+d}!');
    expect(template.match(','.repeat(60_000))).toBeUndefined();
  });
});
