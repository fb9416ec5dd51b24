import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import type { Config } from './config.ts';
import { type configSchema, parseConfig } from './config-schema.ts';

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
type Loose<T> = T extends object ? { [K in keyof T]: Loose<T[K]> | undefined } : T;

describe('configSchema', () => {
  it('has the fields of Config, and no others', () => {
    expectTypeOf<Mutable<Config>>().toExtend<z.infer<typeof configSchema>>();
    expectTypeOf<z.infer<typeof configSchema>>().toExtend<Loose<Config>>();
    expectTypeOf<keyof z.infer<typeof configSchema>>().toEqualTypeOf<keyof Config>();
  });

  it.each([
    [{ nmae: 'x' }, '', /unknown field "nmae", expected name, version/],
    [{ server: { prot: 1 } }, 'server', /unknown field "prot", expected path, auth, allowedHosts/],
    [{ server: { deadline: 'soon' } }, 'server.deadline', /.+/],
    [{ server: { warmUp: 'echo' } }, 'server.warmUp', /expected names of tools, or true for all/],
    [{ server: { compression: { encodings: ['deflate'] } } }, 'server.compression', /false, or \{ threshold, enc/],
    [{ image: { port: 0 } }, 'image.port', /.+/],
    [{ server: { resultCache: { size: 1 } } }, 'server.resultCache', /expected maxBytes, maxEntries, store/],
    [{ image: { platforms: ['amd64'] } }, 'image.platforms.0', /linux\/amd64/],
    [null, '', /.+/],
  ])('says where %j is wrong', (value, path, message) => {
    const parsed = parseConfig(value);
    expect('issues' in parsed ? parsed.issues : []).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it('takes every field', () => {
    const config: Config = {
      name: 'a',
      server: {
        path: '/mcp',
        auth: 'auth.ts',
        deadline: '30s',
        listScope: 'private',
        warmUp: ['echo'],
        metrics: true,
        resultCache: { maxBytes: 1, maxEntries: 1, store: 'redis' },
        compression: false,
      },
      build: { profile: 'fast', typecheck: false, env: ['REGION'] },
      image: { base: 'host', env: { A: 'b' }, sbom: true, provenance: false },
      cache: { maxBytes: 1, from: ['a.io/b:main'], to: 'a.io/b:main', unsignedTags: ['pr-*'], patience: '5s' },
    };
    expect(parseConfig(config)).toEqual({ config });
  });
});
