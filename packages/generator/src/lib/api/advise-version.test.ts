import { describe, expect, it } from 'vitest';
import { adviseVersion } from './advise-version.ts';

describe('adviseVersion', () => {
  it.each([
    [['breaking'], '1.2.0', '1.9.9', 'major', '2.0.0', false],
    [['breaking', 'text'], '1.2.0', '2.0.0-rc.1', 'major', '2.0.0', true],
    [['unclear'], '1.2.0', '3.0.0', 'major', '2.0.0', true],
    [['compatible'], '1.2.3', '1.2.3', 'minor', '1.3.0', false],
    [['text'], '1.2.3', '1.2.4', 'patch', '1.2.4', true],
    [['breaking'], '0.2.3', '0.3.0', 'major', '0.3.0', true],
    [['compatible'], '0.2.3', '0.2.4', 'minor', '0.2.4', true],
    [[], '1.2.3', '1.2.3', 'none', '1.2.3', true],
    [['breaking'], 'latest', '2.0.0', 'major', undefined, false],
    [['breaking'], '1.0.0', 'next', 'major', '2.0.0', false],
  ] as const)('makes of %j after %s at %s: %s, %s', (levels, last, now, bump, least, announced) => {
    const changes = levels.map((level) => ({ level }));
    expect(adviseVersion(changes, { last, now })).toEqual({ bump, least, announced });
  });
});
