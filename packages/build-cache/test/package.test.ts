import * as publicApi from '@mcpgen/build-cache';
import * as remoteApi from '@mcpgen/build-cache/remote';
import * as turborepoApi from '@mcpgen/build-cache/turborepo';
import { expect, it } from 'vitest';

it('exports what its README names, and nothing else', () => {
  expect(Object.keys(publicApi).sort()).toEqual([
    'CacheError',
    'appendJournal',
    'digestOf',
    'dropJournal',
    'emptyCache',
    'factsOf',
    'isDigest',
    'journalVersion',
    'jsonText',
    'openFileClock',
    'openLocalCache',
    'outputDigest',
    'readFileFacts',
    'readJournal',
    'readSealedColumns',
    'readSealedFile',
    'sameFacts',
    'writeSealedColumns',
    'writeSealedFile',
  ]);
  expect(Object.keys(remoteApi).sort()).toEqual(['chainCaches', 'openRemoteTier', 'pullEntries', 'pushEntries']);
  expect(Object.keys(turborepoApi).sort()).toEqual(['createTurborepoServer', 'openTurborepoTier']);
});
