import { digestOf } from '@mcpgen/build-cache';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FingerprintParts, fingerprint } from './fingerprint.ts';

const parts: FingerprintParts = {
  step: 'bundle:tools/echo',
  version: 1,
  generator: '2.4',
  platform: 'linux-x64',
  files: { 'tools/echo.ts': digestOf('echo') },
  options: { minify: false, define: { a: 1, b: 2 } },
  needs: { runtime: digestOf('runtime') },
};

describe('fingerprint', () => {
  it('stays as it is: a change makes every cache useless', () => {
    expect(fingerprint(parts)).toMatchInlineSnapshot(`
      {
        "components": {
          "file:tools/echo.ts": "092c79e8f80e559e",
          "generator": "2.4",
          "need:runtime": "d92c6a81b2ff5009",
          "option:define": "{"a":1,"b":2}",
          "option:minify": "false",
          "platform": "linux-x64",
          "version": "1",
        },
        "key": "sha256:ed007385022f50c7b7aa663840801ee37eef8cbcf0772bc75a26aeb19e072b6b",
      }
    `);
  });

  it.each<[string, Partial<FingerprintParts>]>([
    ['the step', { step: 'bundle:tools/other' }],
    ['the step’s version', { version: 2 }],
    ['the generator', { generator: '2.5' }],
    ['the platform', { platform: 'linux-arm64' }],
    ['a file’s content', { files: { 'tools/echo.ts': digestOf('edited') } }],
    ['a file’s name', { files: { 'tools/Echo.ts': digestOf('echo') } }],
    ['a file more', { files: { ...parts.files, 'a.ts': digestOf('a') } }],
    ['a file less', { files: {} }],
    ['an option', { options: { ...parts.options, minify: true } }],
    ['an option’s type', { options: { ...parts.options, minify: 'false' } }],
    ['an option more', { options: { ...parts.options, other: null } }],
    ['the order inside an option', { options: { minify: false, define: { b: 2, a: 1 } } }],
    ['an output that is needed', { needs: { runtime: digestOf('other') } }],
    ['a need’s name', { needs: { deps: digestOf('runtime') } }],
  ])('changes with %s', (_what, change) => {
    expect(fingerprint({ ...parts, ...change }).key).not.toBe(fingerprint(parts).key);
  });

  it('does not change with the order of files, options or needs', () => {
    const names = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 });
    const shuffled = names.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const record = (order: readonly string[]) =>
          Object.fromEntries(order.map((name) => [name, digestOf(name)] as const));
        const of = (order: readonly string[]) =>
          fingerprint({
            step: 's',
            version: 1,
            generator: '1',
            files: record(order),
            options: record(order),
            needs: record(order),
          });
        expect(of(other).key).toBe(of(list).key);
      }),
    );
  });

  it('never takes two different sets of parts for one, whatever is in the names', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', ':', '","', '\n', 'file:', 'a:b', '1:a', '\ud800', '\ud801'),
    );
    const digests = fc.dictionary(name, fc.constantFrom(digestOf('1'), digestOf('2')), { maxKeys: 4 });
    const some = fc.record({
      step: name,
      version: fc.nat(3),
      generator: name,
      files: digests,
      options: fc.dictionary(name, fc.jsonValue(), { maxKeys: 4 }),
      needs: digests,
    });
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(some, (value) => {
        const text = JSON.stringify(
          Object.values(value).map((part) =>
            typeof part === 'object' ? Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)) : part,
          ),
        );
        const { key } = fingerprint(value);
        expect(seen.get(key) ?? text).toBe(text);
        seen.set(key, text);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes an option that is undefined for none', () => {
    const options = { ...parts.options, gone: undefined };
    expect(fingerprint({ ...parts, options })).toEqual(fingerprint(parts));
  });

  it('keeps short values as they are and long ones by digest', () => {
    const { components } = fingerprint({ ...parts, options: { short: ['a'], long: 'x'.repeat(100) } });
    expect(components['option:short']).toBe('["a"]');
    expect(components['option:long']).toMatch(/^#[a-f0-9]{16}$/);
  });
});
