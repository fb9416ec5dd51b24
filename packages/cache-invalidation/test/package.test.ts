import * as publicApi from '@mcpgen/cache-invalidation';
import { expect, it } from 'vitest';

it('exports what its README names, and nothing else', () => {
  expect(Object.keys(publicApi).sort()).toEqual([
    'InvalidationError',
    'appendBuildState',
    'buildStateVersion',
    'changeBuildRecord',
    'checkUnchanged',
    'compareComponents',
    'explainChange',
    'findMovedOutput',
    'fingerprint',
    'openStatCache',
    'outputsInPlace',
    'readBuildRecord',
    'readBuildState',
    'readOutputFacts',
    'watchDirectories',
    'watchFiles',
    'writeBuildRecord',
    'writeBuildState',
  ]);
});
