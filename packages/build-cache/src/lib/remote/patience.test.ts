import { describe, expect, it } from 'vitest';
import { createPatience } from './patience.ts';

const over = (waited: number): Error => new Error(`over after ${waited}`);
const never = new Promise<void>(() => {});

describe('createPatience', () => {
  it('ends all waits when nothing moves, and all that come later', async () => {
    const patience = createPatience({ limit: 20, rate: 1000, onOver: over });
    await expect(Promise.all([patience.wait(never), patience.wait(never)])).rejects.toThrow(/over/);
    await expect(patience.wait(never)).rejects.toThrow(/over/);
    expect(patience.signal.aborted).toBe(true);
  });

  it('counts waits that are too short to be looked at', async () => {
    const patience = createPatience({ limit: 200, rate: 1000, onOver: over });
    const ask = async (): Promise<void> => {
      for (let asked = 0; asked < 100; asked++) await patience.wait(new Promise((resolve) => setTimeout(resolve, 5)));
    };
    await expect(ask()).rejects.toThrow(/over/);
  });

  it('is extended by bytes that come', async () => {
    const patience = createPatience({ limit: 20, rate: 1000, onOver: over });
    patience.progress(1_000_000_000);
    const slow = new Promise((resolve) => setTimeout(resolve, 100, 'came'));
    expect(await patience.wait(slow)).toBe('came');
    expect(patience.bytes()).toBe(1_000_000_000);
  });

  it('does not blame the remote for what the run itself did meanwhile', async () => {
    const patience = createPatience({ limit: 100, rate: 1000, onOver: over });
    const answer = patience.wait(new Promise((resolve) => setImmediate(resolve, 'came')));
    for (const began = performance.now(); performance.now() - began < 300; );
    expect(await answer).toBe('came');
  });
});
