import * as testing from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';

describe('@mcpgen/testing', () => {
  it('exports what its README describes, and nothing else', () => {
    expect(Object.keys(testing).sort()).toEqual([
      'TEST_REFRESH_TOKEN',
      'eventRecorder',
      'fakeClock',
      'freePort',
      'redisMissing',
      'serviceForTest',
      'startRedis',
      'startRegistry',
      'temporaryDirectory',
      'writeTree',
    ]);
  });
});
