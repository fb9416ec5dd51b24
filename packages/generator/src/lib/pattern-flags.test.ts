import { describe, expect, it } from 'vitest';
import { patternFlags } from './pattern-flags.ts';

describe('patternFlags', () => {
  it.each(['^a+$', '^[a-z]{2,5}$', '^[^@]*@.*$', '^.+$', '\\d{3}', '^\\S*$', '\\-', '^[^a-z]+$'])(
    'leaves u out of %s',
    (pattern) => {
      expect(patternFlags(pattern)).toBe('');
    },
  );

  it.each(['^.$', '^[^a]$', '^\\S{2}$', '\\p{L}', '\\u{1F600}', '[\u{1F600}]', '^.+.+$', '^(.+)+$', 'é'])(
    'keeps u for %s',
    (pattern) => {
      expect(patternFlags(pattern)).toBe('u');
    },
  );
});
