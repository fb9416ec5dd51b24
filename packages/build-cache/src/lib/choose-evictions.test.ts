import { describe, expect, it } from 'vitest';
import { chooseEvictions, type EvictionPolicy } from './choose-evictions.ts';
import { digestOf } from './digest.ts';
import type { MeasuredEntry } from './indexed-entry.ts';

function entry(name: string, used: number, bodies: Readonly<Record<string, number>> = {}): MeasuredEntry {
  const list = Object.entries(bodies).map(([content, size]) => ({ digest: digestOf(content), size }));
  return {
    key: digestOf(name),
    step: name,
    files: list.length,
    size: 0,
    created: 0,
    used,
    duration: 1,
    manifestSize: 100,
    ino: 0,
    born: 0,
    bodies: list,
  };
}

const policy: EvictionPolicy = {
  now: 1000,
  maxBytes: Number.POSITIVE_INFINITY,
  retention: 500,
  grace: 10,
  pinned: new Set(),
  order: 'use',
};

function evicted(entries: readonly MeasuredEntry[], change: Partial<EvictionPolicy>): string[] {
  return chooseEvictions(entries, { ...policy, ...change }).map(({ step }) => step);
}

describe('chooseEvictions', () => {
  const entries = [entry('new', 990, { n: 400 }), entry('old', 600, { o: 400 }), entry('middle', 800, { m: 400 })];

  it('keeps what fits and is young', () => {
    expect(evicted(entries, { maxBytes: 1500 })).toEqual([]);
  });

  it('evicts what nobody used for the retention time', () => {
    expect(evicted(entries, { retention: 300 })).toEqual(['old']);
  });

  it('evicts the least recently used, down to nine tenths of the limit', () => {
    expect(evicted(entries, { maxBytes: 1499 })).toEqual(['old']);
    expect(evicted(entries, { maxBytes: 1100 })).toEqual(['old', 'middle']);
  });

  it('by worth, evicts first what takes most bytes for longest for each millisecond that it saves', () => {
    const slow = { ...entry('slow', 700, { s: 400 }), duration: 1000 };
    const big = entry('big', 900, { b: 4000 });
    const all = [slow, big, entry('idle', 700, { i: 400 }), entry('young', 980, { y: 400 })];
    expect(evicted(all, { maxBytes: 5000, order: 'worth' })).toEqual(['big']);
    expect(evicted(all, { maxBytes: 1000, order: 'worth' })).toEqual(['big', 'idle', 'young']);
    expect(evicted(all, { maxBytes: 5000, order: 'use' })).toEqual(['idle', 'slow', 'big']);
  });

  it('by worth, charges each of those that share a body with its part', () => {
    const shared = ['a', 'b', 'c', 'd'].map((name) => entry(name, 500, { s: 4000 }));
    expect(evicted([...shared, entry('own', 500, { o: 2000 })], { maxBytes: 6400, order: 'worth' })).toEqual(['own']);
  });

  it('evicts what is past its retention before anything else', () => {
    const all = [entry('big', 900, { b: 4000 }), entry('past', 300, { p: 100 })];
    expect(evicted(all, { maxBytes: 4400, order: 'worth', retention: 600 })).toEqual(['past']);
  });

  it('keeps what this run pinned and what was just used, whatever the size', () => {
    expect(evicted(entries, { maxBytes: 0, pinned: new Set([digestOf('old')]) })).toEqual(['middle', 'new']);
    expect(evicted(entries, { maxBytes: 0, grace: 11 })).toEqual(['old', 'middle']);
  });

  it('counts a shared body once, and frees it with the last entry that names it', () => {
    const shared = [entry('a', 1, { s: 1000 }), entry('b', 2, { s: 1000 }), entry('c', 3, { s: 1000 })];
    expect(evicted(shared, { maxBytes: 1300, retention: 5000 })).toEqual([]);
    expect(evicted(shared, { maxBytes: 1299, retention: 5000 })).toEqual(['a', 'b']);
  });
});
