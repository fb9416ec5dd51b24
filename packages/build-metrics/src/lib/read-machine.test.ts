import { describe, expect, it } from 'vitest';
import { type MachineSample, machineBetween, readMachine } from './read-machine.ts';

const sample: MachineSample = { class: 'linux x64, 4 x Some', cores: 4, at: 1000, busy: 50_000, own: 100, stalled: 10 };

describe('machineBetween', () => {
  it('tells the work of others from the own, and how long something waited for a core', () => {
    const after = { ...sample, at: 3000, busy: 54_000, own: 1100, stalled: 1010 };
    expect(machineBetween(sample, after)).toEqual({ class: sample.class, cores: 4, others: 1.5, pressure: 0.5 });
  });

  it('stays within what can be, whatever the counters say', () => {
    const after = { ...sample, at: 1010, busy: 50_000, own: 900, stalled: 5000 };
    expect(machineBetween(sample, after)).toMatchObject({ others: 0, pressure: 1 });
    expect(machineBetween(sample, { ...sample, at: 1010, busy: 90_000 })).toMatchObject({ others: 4 });
  });

  it('leaves out what the system does not tell, and what no time passed for', () => {
    const { stalled, ...elsewhere } = sample;
    expect(machineBetween(elsewhere, { ...elsewhere, at: 2000 })).toEqual({ class: sample.class, cores: 4, others: 0 });
    expect(machineBetween(sample, sample)).toEqual({ class: sample.class, cores: 4 });
  });
});

describe('readMachine', () => {
  it('reads this machine', () => {
    const before = readMachine({ now: () => 1 });
    const after = readMachine({ now: () => 2 });
    expect(before).toMatchObject({ class: expect.stringContaining(process.arch), at: 1 });
    expect(after.busy).toBeGreaterThanOrEqual(before.busy);
    expect(after.own).toBeGreaterThan(0);
    expect(after.stalled === undefined).toBe(before.stalled === undefined);
  });
});
