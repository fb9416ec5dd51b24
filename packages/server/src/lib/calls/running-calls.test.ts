import { describe, expect, it } from 'vitest';
import { RunningCalls } from './running-calls.ts';

describe('RunningCalls', () => {
  it('acts at once where nothing runs', () => {
    const log: string[] = [];
    new RunningCalls().afterAll(() => log.push('done'));
    expect(log).toEqual(['done']);
  });

  it('waits for the calls of the moment and of before, and not for later ones', () => {
    const log: string[] = [];
    const calls = new RunningCalls();
    const first = calls.enter();
    calls.afterAll(() => log.push('one'));
    const second = calls.enter();
    calls.afterAll(() => log.push('two'));
    const third = calls.enter();
    calls.leave(second);
    expect(log).toEqual([]);
    calls.leave(first);
    expect(log).toEqual(['one', 'two']);
    calls.leave(third);
    expect(log).toEqual(['one', 'two']);
  });
});
