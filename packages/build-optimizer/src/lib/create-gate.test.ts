import { describe, expect, it } from 'vitest';
import { createGate } from './create-gate.ts';

describe('createGate', () => {
  it('lets in no more than fit, in the order in which they came', async () => {
    const gate = createGate(2);
    const log: string[] = [];
    const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const passed = ends.map(({ promise }, at) =>
      gate.pass(async () => {
        log.push(`in ${at}`);
        await promise;
        log.push(`out ${at}`);
      }),
    );
    expect(log).toEqual(['in 0', 'in 1']);
    ends[1]?.resolve();
    await passed[1];
    await Promise.resolve();
    expect(log).toEqual(['in 0', 'in 1', 'out 1', 'in 2']);
    for (const { resolve } of ends) resolve();
    await Promise.all(passed);
    expect(log.filter((line) => line.startsWith('in'))).toEqual(['in 0', 'in 1', 'in 2', 'in 3']);
  });

  it('goes on after work that throws', async () => {
    const gate = createGate(1);
    const broken = gate.pass(() => Promise.reject(new Error('no')));
    const next = gate.pass(async () => 'yes');
    await expect(broken).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('lets thousands through within one turn of the event loop, where none of them waits', async () => {
    const gate = createGate(2);
    let turns = 0;
    const turn = setImmediate(() => {
      turns += 1;
    });
    await Promise.all(Array.from({ length: 5000 }, () => gate.pass(async () => {})));
    expect(turns).toBe(0);
    clearImmediate(turn);
  });
});
