import { describe, expect, it } from 'vitest';
import { heapGrowth } from '../lib/heap-growth.ts';
import { runLeakCheck } from '../lib/run-leak-check.ts';
import { leakServer } from '../server/leak-fixture.ts';
import { createMcpgenFixture } from '../server/mcpgen-fixture.ts';

describe('heapGrowth', () => {
  it.each([
    [[5, 5, 5], 0],
    [[0, 100, 200], 1],
    [[300, 0, 0], -1.5],
  ])('of %j after 0, 100 and 200 calls is %d bytes a call', (bytes, expected) => {
    expect(heapGrowth(bytes.map((held, index) => ({ calls: index * 100, bytes: held })))).toBeCloseTo(expected);
  });
});

describe('a server under calls of every kind', () => {
  it('keeps nothing of them', { timeout: 240_000 }, async () => {
    using fixture = await createMcpgenFixture();
    const { growth, samples } = await runLeakCheck({
      main: leakServer(fixture),
      calls: 12_000,
      warmUp: 8_000,
      samples: 4,
    });
    // What Node itself goes on compiling is up to 60 bytes a call here; the smallest thing kept for each call is more.
    expect(growth, JSON.stringify(samples)).toBeLessThan(100);
  });
});
