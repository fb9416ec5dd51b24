import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecorder } from './create-recorder.ts';
import { parseRecord } from './parse-record.ts';

const facts = { id: 'b1', name: 'site', started: 1_795_000_000_000, concurrency: 2 };

function clockwork() {
  let time = 500;
  return {
    now: () => time,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe('createRecorder', () => {
  it('records when spans began and ended since the build began', () => {
    const clock = clockwork();
    const recorder = createRecorder(clock);
    clock.pass(10);
    const span = recorder.start('bundle:echo', { needs: ['scan'], queued: 4 });
    clock.pass(25);
    recorder.end(span, { outcome: 'restored', saved: 100, bytes: 2048, cpu: 20, reason: 'tools/echo.ts changed' });
    clock.pass(5);
    expect(recorder.record(facts)).toEqual({
      version: 1,
      ...facts,
      duration: 40,
      outcome: 'succeeded',
      labels: {},
      spans: [
        {
          name: 'bundle:echo',
          kind: 'bundle',
          start: 10,
          end: 35,
          outcome: 'restored',
          needs: ['scan'],
          queued: 4,
          saved: 100,
          bytes: 2048,
          cpu: 20,
          reason: 'tools/echo.ts changed',
        },
      ],
    });
  });

  it('leaves out what is not known', () => {
    const recorder = createRecorder(clockwork());
    recorder.end(recorder.start('scan', { queued: 0, needs: [] }), { saved: 0 });
    expect(recorder.record(facts).spans).toEqual([{ name: 'scan', kind: 'scan', start: 0, end: 0, outcome: 'ran' }]);
  });

  it('takes the first end of a span for its end', () => {
    const clock = clockwork();
    const recorder = createRecorder(clock);
    const span = recorder.start('a');
    recorder.end(span, { outcome: 'failed' });
    clock.pass(5);
    recorder.end(span);
    recorder.end(17);
    expect(recorder.record(facts).spans).toMatchObject([{ end: 0, outcome: 'failed' }]);
  });

  it('orders spans by their beginning, and keeps parts with their parents', () => {
    const clock = clockwork();
    const recorder = createRecorder(clock);
    clock.pass(10);
    expect(recorder.elapsed()).toBe(10);
    const parent = recorder.start('late');
    recorder.end(recorder.start('part', { parent }));
    recorder.add({ name: 'measured elsewhere', start: 2, duration: 1, kind: 'test', outcome: 'fresh' });
    recorder.end(parent);
    expect(recorder.record(facts).spans).toMatchObject([
      { name: 'measured elsewhere', start: 2, end: 3, kind: 'test', outcome: 'fresh' },
      { name: 'late', start: 10 },
      { name: 'part', start: 10, parent: 1 },
    ]);
  });

  it('shows what has not ended as cancelled, and goes on', () => {
    const clock = clockwork();
    const recorder = createRecorder(clock);
    const span = recorder.start('endless');
    clock.pass(7);
    expect(recorder.record({ ...facts, outcome: 'cancelled' })).toMatchObject({
      outcome: 'cancelled',
      spans: [{ outcome: 'cancelled', end: 7 }],
    });
    clock.pass(3);
    recorder.end(span);
    expect(recorder.record(facts).spans).toMatchObject([{ outcome: 'ran', end: 10 }]);
  });

  it('measures work, and what it throws', async () => {
    const clock = clockwork();
    const recorder = createRecorder(clock);
    const answer = await recorder.measure('ok', async () => {
      clock.pass(5);
      return 42;
    });
    const error = new Error('no');
    await expect(recorder.measure('broken', () => Promise.reject(error))).rejects.toBe(error);
    expect(answer).toBe(42);
    expect(recorder.record(facts).spans).toMatchObject([
      { name: 'ok', end: 5, outcome: 'ran' },
      { name: 'broken', outcome: 'failed' },
    ]);
  });

  it('gives each step its share of the CPU time, and what it says itself first', () => {
    let used = 100;
    let time = 0;
    // Time passes from call to call, as it does for steps that take some.
    const recorder = createRecorder({ now: () => time++, cpu: () => used });
    const [alone, both] = [recorder.start('alone'), recorder.start('both')];
    const part = recorder.start('part', { parent: both });
    used += 10;
    recorder.end(part);
    recorder.end(alone);
    used += 30;
    recorder.end(both);
    used += 1000;
    recorder.end(recorder.start('nothing'));
    recorder.end(recorder.start('told'), { cpu: 7 });
    recorder.start('running');
    expect(recorder.record(facts).spans.map(({ name, cpu }) => [name, cpu])).toEqual([
      ['alone', 5],
      ['both', 35],
      ['part', undefined],
      ['nothing', 0],
      ['told', 7],
      ['running', undefined],
    ]);
  });

  it('reads the CPU time once a millisecond at most, and loses nothing of it', () => {
    let [time, readings] = [0, 0];
    const cpu = () => {
      readings += 1;
      return time * 2;
    };
    const recorder = createRecorder({ now: () => time, cpu });
    for (let step = 0; step < 1000; step += 1) {
      const span = recorder.start(`s:${step}`);
      time += 0.01;
      recorder.end(span);
    }
    const shares = recorder.record(facts).spans.map((span) => span.cpu ?? 0);
    expect(readings).toBeLessThanOrEqual(1 + time);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(2 * time, -1);
  });

  it('keeps what else is known of the build and its steps', () => {
    const recorder = createRecorder(clockwork());
    recorder.end(recorder.start('a', { slots: 0 }), { outcome: 'restored', tier: 'remote', read: 12 });
    recorder.end(recorder.start('b', { slots: 1 }), { needs: ['a'], queued: 2 });
    const machine = { class: 'linux x64, 2 x Some', cores: 2, others: 0.5 };
    const sizes = [{ name: 'image', bytes: 10, parts: [{ name: 'app', bytes: 4 }] }];
    expect(recorder.record({ ...facts, machine, sizes })).toMatchObject({
      machine,
      sizes,
      spans: [
        { slots: 0, tier: 'remote', read: 12 },
        { name: 'b', kind: 'b', start: 0, end: 0, outcome: 'ran', needs: ['a'], queued: 2 },
      ],
    });
  });

  it('gives records that readers accept, whatever is measured', () => {
    const calls = fc.array(fc.tuple(fc.nat(20), fc.nat(50), fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(calls, (all) => {
        const clock = clockwork();
        const recorder = createRecorder(clock);
        all.forEach(([parent, milliseconds, ends], at) => {
          const span = recorder.start(`s:${at}`, parent < at ? { parent } : {});
          clock.pass(milliseconds / 7);
          if (ends) recorder.end(span);
        });
        const record = recorder.record(facts);
        expect(parseRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
        expect(record.spans.every(({ start, end }) => end >= start)).toBe(true);
      }),
    );
  });
});
