import * as publicApi from '@mcpgen/build-cache';
import { expect, it } from 'vitest';

it('exports what its README names, and nothing else', () => {
  expect(Object.keys(publicApi).sort()).toEqual([
    'CacheError',
    'digestOf',
    'emptyCache',
    'isDigest',
    'jsonText',
    'openLocalCache',
    'outputDigest',
    'readSealedFile',
    'writeSealedFile',
  ]);
});
