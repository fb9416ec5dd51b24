import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { type EqualRun, readEqualRuns, recordOfRun } from '../../test/run-of-noise.ts';
import type { BuildRecord } from './build-record.ts';
import { findTrends } from './find-trends.ts';

const BEFORE = 40;
const LATEST = 5;

/** The same steps, with a ripple of two percent; those from `since` on change as told. */
function history(runs: number, change: (at: number) => Partial<BuildRecord> & { slower?: number } = () => ({})) {
  return Array.from({ length: runs }, (_, at) => {
    const { slower = 1, ...facts } = change(at);
    const steps = ['a', 'b', 'c', 'd'].map((name, step) => ({
      name,
      start: 0,
      end: 1000 * (step + 1) * (1 + 0.01 * Math.sin(at * 7 + step * 3)) * (name === 'b' ? slower : 1),
    }));
    return recordOf(steps, { id: `${at}`, started: at, ...facts });
  });
}
const verdicts = (records: readonly BuildRecord[], options = {}) =>
  Object.fromEntries(findTrends(records, options).steps.map(({ name, verdict }) => [name, verdict]));

describe('findTrends', () => {
  it('finds the step that became slower, by how much, and since when', () => {
    const [first, ...others] = findTrends(history(30, (at) => (at >= 26 ? { slower: 1.2 } : {}))).steps;
    expect(first).toMatchObject({ name: 'b', verdict: 'slower', measure: 'time', since: 26 });
    expect(first?.change).toBeCloseTo(1.2, 1);
    expect(first?.detectable).toBeLessThan(1.1);
    expect(others.map(({ verdict }) => verdict)).toEqual(['steady', 'steady', 'steady']);
  });

  it('finds the step that became faster', () => {
    expect(verdicts(history(30, (at) => (at >= 26 ? { slower: 0.7 } : {})))).toMatchObject({
      b: 'faster',
      a: 'steady',
    });
  });

  it('takes one wild run for no change, nor one that was long ago', () => {
    expect(verdicts(history(30, (at) => (at === 29 ? { slower: 3 } : {})))).toMatchObject({ b: 'steady' });
    expect(
      verdicts(
        history(60, (at) => (at < 20 ? { slower: 3 } : {})),
        { runs: 40 },
      ),
    ).toMatchObject({ b: 'steady' });
  });

  it('says nothing after too few runs', () => {
    expect(verdicts(history(14, (at) => (at > 8 ? { slower: 2 } : {})))).toMatchObject({ b: 'unknown' });
    expect(findTrends([])).toEqual({ runs: [], steps: [] });
  });

  it.each([
    ['another project', { name: 'other' }],
    ['another profile', { labels: { profile: 'fast' } }],
    ['another machine', { machine: { class: 'big', cores: 64 } }],
    ['other concurrency', { concurrency: 8 }],
    ['a failed build', { outcome: 'failed' }],
  ] as const)('does not compare with %s', (_what, facts) => {
    const mixed = history(40, (at) => (at % 2 === 0 ? { ...facts, slower: 5 } : {}));
    expect(findTrends(mixed).runs).toHaveLength(20);
    expect(verdicts(mixed)).toMatchObject({ b: 'steady' });
  });

  it('takes a change of all steps for one of the machine', () => {
    const all = history(30).map((record, at) =>
      at < 26 ? record : { ...record, spans: record.spans.map((span) => ({ ...span, end: span.end * 1.3 })) },
    );
    const wavy = all.map((record, at) =>
      at >= 26 || at % 3 !== 0
        ? record
        : { ...record, spans: record.spans.map((span) => ({ ...span, end: span.end * 1.25 })) },
    );
    expect(Object.values(verdicts(wavy))).toEqual(['steady', 'steady', 'steady', 'steady']);
  });

  it('is not woken by changes that nobody would notice', () => {
    expect(
      verdicts(
        history(30, (at) => (at >= 26 ? { slower: 1.2 } : {})),
        { atLeast: 1000 },
      ),
    ).toMatchObject({ b: 'steady' });
  });

  it('tells a step that waits longer, though it computes as much', () => {
    const waiting = history(30).map((record, at) => ({
      ...record,
      spans: record.spans.map((span) => ({
        ...span,
        cpu: 100 + ((at * 7) % 3),
        end: span.end * (at >= 26 && span.name === 'b' ? 1.3 : 1),
      })),
    }));
    expect(findTrends(waiting).steps[0]).toMatchObject({ name: 'b', verdict: 'slower', measure: 'time', since: 26 });
  });

  it('says nothing of a machine that was never as busy before', () => {
    const busy = history(40).map((record, at) => ({
      ...record,
      machine: { class: 'm', cores: 2, pressure: at >= 35 ? 0.9 : 0.05, others: at >= 35 ? 1.8 : 0.1 },
      spans: record.spans.map((span) => ({ ...span, end: span.end * (at >= 35 && span.name === 'b' ? 1.15 : 1) })),
    }));
    expect(verdicts(busy)).toMatchObject({ b: 'steady' });
  });
});

/** The constants were set on the first half of `equal-runs`: what is claimed is held by what they have not seen. */
describe.each([
  { file: 'equal-runs', part: 0.5, computing: 'hash', memory: ['parse', 'compress'] },
  { file: 'longer-runs', part: 0, computing: 'hash', memory: ['parse', 'compress', 'maps', 'compile'] },
] as const)('findTrends over recorded noise, $file', ({ file, part, computing, memory }) => {
  const all = readEqualRuns(file);
  const runs = all.slice(Math.floor(all.length * part));

  it.each([6, BEFORE + LATEST])('raises a false alarm after at most one run in a hundred, %i runs on end', (onEnd) => {
    const random = generator(1);
    let [alarms, looks] = [0, 0];
    for (let turn = 0; turn < 100; turn += 1) {
      for (const trends of watch(draw(runs, { random, onEnd }), { step: '', by: 1 })) {
        looks += 1;
        alarms += trends.steps.some(({ verdict }) => verdict === 'slower' || verdict === 'faster') ? 1 : 0;
      }
    }
    expect(alarms / looks).toBeLessThanOrEqual(0.01);
  });

  it('finds a step that became a tenth slower within five runs, nine times in ten, where it computes', () => {
    expect(shareFound(runs, { step: computing, by: 1.1 }, 60)).toBeGreaterThanOrEqual(0.9);
  });

  it.each(memory)('finds %s, which is mostly memory, nine times in ten where it takes twice as long', (step) => {
    expect(shareFound(runs, { step, by: 2 }, 30)).toBeGreaterThanOrEqual(0.9);
  });
});

/** What is told after each of the latest runs, the step slower from the first of them on. */
function watch(drawn: readonly EqualRun[], slower: { step: string; by: number }) {
  const records = drawn.map((run, at) => recordOfRun(run, at, at < BEFORE ? { step: '', by: 1 } : slower));
  return Array.from({ length: LATEST }, (_, at) => findTrends(records.slice(0, BEFORE + at + 1)));
}

function isFound(trends: readonly ReturnType<typeof findTrends>[], step: string): boolean {
  return trends.some(({ steps }) => steps.some(({ name, verdict }) => name === step && verdict === 'slower'));
}

/** A history of recorded runs, several on end from anywhere: a busy time lasts longer than one run. */
function draw(
  runs: readonly EqualRun[],
  { random, onEnd }: { readonly random: () => number; readonly onEnd: number },
): readonly EqualRun[] {
  const drawn: EqualRun[] = [];
  while (drawn.length < BEFORE + LATEST) {
    const at = Math.floor(random() * (runs.length - onEnd + 1));
    drawn.push(...runs.slice(at, at + onEnd));
  }
  return drawn.slice(0, BEFORE + LATEST);
}

function shareFound(runs: readonly EqualRun[], slower: { step: string; by: number }, times: number): number {
  const random = generator(2);
  const found = Array.from({ length: times }, () => {
    return isFound(watch(draw(runs, { random, onEnd: 6 }), slower), slower.step);
  });
  return found.filter(Boolean).length / times;
}

/** Numbers from 0 to 1 that are the same in every run. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
