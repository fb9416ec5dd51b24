import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { type ChromeTraceEvent, toChromeTrace } from './to-chrome-trace.ts';

const bars = (events: readonly ChromeTraceEvent[]) => events.filter(({ ph }) => ph === 'X');

describe('toChromeTrace', () => {
  it('draws a bar for each span, in microseconds, with what is known of it', () => {
    const step = { name: 'bundle:a', kind: 'bundle', start: 1.5, end: 4, queued: 1, reason: 'a.ts changed' };
    expect(bars(toChromeTrace(recordOf([step])).traceEvents)).toEqual([
      {
        ph: 'X',
        name: 'bundle:a',
        cat: 'bundle',
        pid: 1,
        tid: 1,
        ts: 1500,
        dur: 2500,
        args: { outcome: 'ran', reason: 'a.ts changed', queued: 1 },
      },
    ]);
  });

  it('gives steps that ran at the same time a row each, and uses rows again', () => {
    const record = recordOf([
      { name: 'a', start: 0, end: 10 },
      { name: 'b', start: 5, end: 20 },
      { name: 'c', start: 10, end: 12 },
    ]);
    const trace = toChromeTrace(record).traceEvents;
    expect(bars(trace).map(({ tid }) => tid)).toEqual([1, 2, 1]);
    expect(trace.filter(({ ph }) => ph === 'M').map(({ args }) => args?.name)).toEqual([
      'site',
      'worker 1',
      'worker 2',
    ]);
  });

  it('draws parts inside their step, and beside it where they overlap each other', () => {
    const record = recordOf([
      { name: 'a', start: 0, end: 10 },
      { name: 'first', start: 1, end: 5, parent: 0 },
      { name: 'second', start: 5, end: 9, parent: 0 },
      { name: 'meanwhile', start: 6, end: 8, parent: 0 },
    ]);
    expect(bars(toChromeTrace(record).traceEvents).map(({ tid }) => tid)).toEqual([1, 1, 1, 2]);
  });

  it('draws an arrow from inside each need to its dependent', () => {
    const record = recordOf([
      { name: 'a', start: 0, end: 10 },
      { name: 'b', start: 12, end: 20, needs: ['a', 'never recorded'] },
    ]);
    const arrows = toChromeTrace(record).traceEvents.filter(({ ph }) => ph === 's' || ph === 'f');
    expect(arrows).toMatchObject([
      { ph: 's', tid: 1, ts: 9999 },
      { ph: 'f', tid: 1, ts: 12_000, bp: 'e' },
    ]);
    expect(arrows[0]?.id).toBe(arrows[1]?.id);
  });

  it('never draws two bars over each other on one row, unless one lies in the other', () => {
    const spans = fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 30 }), fc.option(fc.nat(20))), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(spans, (rows) => {
        const steps = rows.map(([start, time, parent], at) => ({
          name: `${at}`,
          start,
          end: start + time,
          ...(parent !== null && parent < at && { parent }),
        }));
        const drawn = bars(toChromeTrace(recordOf(steps)).traceEvents);
        for (const [at, one] of drawn.entries()) {
          for (const other of drawn.slice(at + 1)) {
            if (one.tid !== other.tid) continue;
            const [a, b] = [interval(one), interval(other)];
            const apart = a.end <= b.start || b.end <= a.start;
            const inside = (a.start <= b.start && b.end <= a.end) || (b.start <= a.start && a.end <= b.end);
            expect(apart || inside).toBe(true);
          }
        }
      }),
    );
  });
});

function interval({ ts = 0, dur = 0 }: ChromeTraceEvent) {
  return { start: ts, end: ts + dur };
}
