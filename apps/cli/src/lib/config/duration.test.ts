import { describe, expect, it } from 'vitest';
import { parseConfig } from './config-schema.ts';
import { milliseconds } from './duration.ts';

describe('milliseconds', () => {
  it.each([
    [1500, 1500],
    ['250ms', 250],
    ['30s', 30_000],
    ['5 m', 300_000],
    ['1.5h', 5_400_000],
    ['24d', 2_073_600_000],
    [2_147_483_647, 2_147_483_647],
  ])('reads %j', (duration, expected) => {
    expect(milliseconds(duration)).toBe(expected);
    expect(parseConfig({ server: { deadline: duration } })).toEqual({ config: { server: { deadline: duration } } });
  });

  it.each(['', '30', 's', '-1s', '0s', '1e3s', '1s30m', '1 week', 0, -5, Number.NaN])('refuses %j', (duration) => {
    expect(() => milliseconds(duration)).toThrow('expected a time such as "30s"');
  });
});

describe('parseConfig', () => {
  // A timer that is set to more than it can hold ends at once.
  it.each(['25d', '600h', 2_147_483_648])('names the field whose time %j no timer can wait', (deadline) => {
    const message = `${JSON.stringify(deadline)} is too long: expected a time of at most 24 days`;
    expect(parseConfig({ server: { deadline } })).toEqual({ issues: [{ path: 'server.deadline', message }] });
    expect(parseConfig({ build: { describeDeadline: deadline } })).toMatchObject({
      issues: [{ path: 'build.describeDeadline' }],
    });
  });

  it.each(['soon', true, null])('says what a time looks like, for %j', (listTtl) => {
    expect(parseConfig({ server: { listTtl } })).toEqual({
      issues: [{ path: 'server.listTtl', message: 'expected a time such as "30s" or "5m", or milliseconds' }],
    });
  });
});
