import { fakeClock } from '@mcpgen/testing';
import { describe, expect, it, vi } from 'vitest';
import { createCircuit, within } from './circuit.ts';

function setUp() {
  const clock = fakeClock();
  const changes: string[] = [];
  const circuit = createCircuit({
    timeout: 1000,
    pause: 100,
    longestPause: 400,
    now: clock.now,
    onDown: (error) => changes.push(`down: ${error}`),
    onUp: () => changes.push('up'),
  });
  return { clock, changes, circuit };
}

const fails = () => Promise.reject(new Error('away'));
const answers = async () => ['answer'];

describe('createCircuit', () => {
  it('hands on answers', async () => {
    const { circuit, changes } = setUp();
    expect(await circuit.ask(answers)).toEqual(['answer']);
    expect([circuit.isUp, changes]).toEqual([true, []]);
  });

  it('asks nothing for a while after a failure, and tells of it once', async () => {
    const { circuit, clock, changes } = setUp();
    await Promise.all([circuit.ask(fails), circuit.ask(fails)]);
    await clock.advance(99);
    const question = vi.fn(answers);
    expect(await circuit.ask(question)).toBeUndefined();
    expect(question).not.toHaveBeenCalled();
    expect([circuit.isUp, changes]).toEqual([false, ['down: Error: away']]);
  });

  it('lets one call try after the pause, the others not wait for it', async () => {
    const { circuit, clock, changes } = setUp();
    await circuit.ask(fails);
    await clock.advance(100);
    const probe = Promise.withResolvers<string[]>();
    const trying = circuit.ask(() => probe.promise);
    expect(await circuit.ask(answers)).toBeUndefined();
    probe.resolve(['back']);
    expect(await trying).toEqual(['back']);
    expect(await circuit.ask(answers)).toEqual(['answer']);
    expect(changes).toEqual(['down: Error: away', 'up']);
  });

  it('waits longer after each try that fails, up to a limit, and as at first once it has answered', async () => {
    const { circuit, clock } = setUp();
    await circuit.ask(fails);
    for (const pause of [100, 200, 400, 400]) {
      await clock.advance(pause - 1);
      const early = vi.fn(fails);
      await circuit.ask(early);
      expect(early).not.toHaveBeenCalled();
      await clock.advance(1);
      const due = vi.fn(fails);
      await circuit.ask(due);
      expect(due).toHaveBeenCalledOnce();
    }
    await clock.advance(400);
    await circuit.ask(answers);
    await circuit.ask(fails);
    await clock.advance(100);
    expect(await circuit.ask(answers)).toEqual(['answer']);
  });
});

describe('within', () => {
  it('rejects what does not come in time', async () => {
    await expect(within(1, () => new Promise(() => {}))).rejects.toThrow('no answer within 1 ms');
  });

  it('takes an answer that was there while this process was busy', async () => {
    const busy = within(1, () => new Promise((resolve) => setImmediate(resolve, 'answer')));
    const end = performance.now() + 5;
    while (performance.now() < end);
    expect(await busy).toBe('answer');
  });
});
