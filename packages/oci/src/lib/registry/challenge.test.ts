import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';

const read = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('parseChallenges', () => {
  it.each([
    ['Basic realm="test"', [['basic', { realm: 'test' }]]],
    [
      'Bearer realm="https://auth.example/token",service="example",scope="repository:a/b:pull,push"',
      [['bearer', { realm: 'https://auth.example/token', service: 'example', scope: 'repository:a/b:pull,push' }]],
    ],
    [
      'Bearer realm="a", Basic realm="b"',
      [
        ['bearer', { realm: 'a' }],
        ['basic', { realm: 'b' }],
      ],
    ],
    ['BEARER Realm = "a" , Service=b', [['bearer', { realm: 'a', service: 'b' }]]],
    ['Bearer realm="a \\"quoted\\" b"', [['bearer', { realm: 'a "quoted" b' }]]],
    [
      'Negotiate, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    ['', []],
    ['realm="x"', []],
    ['Bearer realm="unterminated', [['bearer', {}]]],
  ])('reads %s', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it('ends, and quickly, on anything', () => {
    fc.assert(fc.property(fc.string(), (header) => parseChallenges(header).length <= header.length));
    expect(parseChallenges(`Bearer ${'a="b",'.repeat(20_000)}`)).toHaveLength(1);
    expect(parseChallenges(`Bearer realm="${'\\'.repeat(60_000)}`)).toHaveLength(1);
  });
});
