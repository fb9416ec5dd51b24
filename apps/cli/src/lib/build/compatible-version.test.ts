import { describe, expect, it } from 'vitest';
import { compatibleVersion } from './compatible-version.ts';

describe('compatibleVersion', () => {
  it.each([
    ['1.4.2', '1.x'],
    ['1.4.3', '1.x'],
    ['1.5.0', '1.x'],
    ['2.0.0', '2.x'],
    ['10.0.1', '10.x'],
    ['0.3.1', '0.3.x'],
    ['0.4.0', '0.4.x'],
    ['0.0.4', '0.0.4'],
    ['2.0.0-rc.1', '2.0.0-rc.1'],
    ['1.0.0+build', '1.0.0+build'],
  ])('says of %s that it goes with %s', (version, compatible) => {
    expect(compatibleVersion(version)).toBe(compatible);
  });
});
