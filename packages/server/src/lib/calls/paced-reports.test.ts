import { describe, expect, it } from 'vitest';
import { PacedReports } from './paced-reports.ts';

function paced() {
  const sent: number[] = [];
  const clock = { now: 0 };
  return {
    sent,
    clock,
    reports: new PacedReports<number>(
      (report) => sent.push(report),
      () => clock.now,
    ),
  };
}

describe('PacedReports', () => {
  it('sends the first at once, then one for each interval, and the last one', () => {
    const { sent, clock, reports } = paced();
    for (let report = 1; report <= 100_000; report++) {
      clock.now = report / 1000; // 100 ms in all
      reports.add(report);
    }
    expect(sent.slice(0, 101)).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
    expect(sent.length).toBe(100 + 10);
    reports.flush();
    expect(sent.at(-1)).toBe(100_000);
    reports.flush();
    expect(sent.length).toBe(111);
  });

  it('sends what waits when nothing follows it', async () => {
    const { sent, reports } = paced();
    for (let report = 1; report <= 103; report++) reports.add(report);
    expect(sent.at(-1)).toBe(101);
    await expect.poll(() => sent.at(-1)).toBe(103);
  });

  it('forgets what waits when it is dropped', () => {
    const { sent, reports } = paced();
    for (let report = 1; report <= 103; report++) reports.add(report);
    reports.drop();
    reports.flush();
    expect(sent.at(-1)).toBe(101);
  });
});
