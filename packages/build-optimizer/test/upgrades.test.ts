import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Step } from '../src/index.ts';
import { openWorkshop, reasons, type Workshop } from './workshop.ts';

let shop: Workshop;

beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop[Symbol.asyncDispose]());

/** A server of two tools, as a mcpgen makes it whose steps have these formats. */
function server(formats: Readonly<Record<string, number>> = {}): readonly Step[] {
  const steps = [
    shop.step('bundle:a', { sources: { 'tools/a.ts': 'a' } }),
    shop.step('describe:a', { needs: ['bundle:a'], files: {}, value: { schema: 'a' } }),
    shop.step('validator:a', { needs: ['describe:a'] }),
    shop.step('bundle:b', { sources: { 'tools/b.ts': 'b' } }),
    shop.step('describe:b', { needs: ['bundle:b'], files: {}, value: { schema: 'b' } }),
    shop.step('render', { needs: ['describe:a', 'describe:b'] }),
  ];
  return steps.map((step) => ({ ...step, version: formats[step.name.split(':')[0] ?? ''] ?? 1 }));
}

const ALL = ['bundle:a', 'bundle:b', 'describe:a', 'describe:b', 'render', 'validator:a'];

describe('an upgrade', () => {
  it.each<[string, string, Readonly<Record<string, number>>, readonly string[], string | undefined]>([
    ['of a patch or minor version runs nothing', '1.x', {}, [], undefined],
    ['of a major version runs all', '2.x', {}, ALL, 'mcpgen changed from 1.x to 2.x'],
    [
      "that changes a step's format runs that step, and none that reads the same from it",
      '1.x',
      { describe: 2 },
      ['describe:a', 'describe:b'],
      "the step's format changed from 1 to 2",
    ],
    [
      'that changes the last of all runs that alone',
      '1.x',
      { render: 7 },
      ['render'],
      "the step's format changed from 1 to 7",
    ],
  ])('%s', async (_, generatorVersion, formats, expected, reason) => {
    const before = await shop.build(server(), { generatorVersion: '1.x' });
    shop.takeRan();
    const upgraded = await shop.build(server(formats), { generatorVersion });
    expect([...shop.takeRan()].sort()).toEqual(expected);
    for (const step of expected) expect(reasons(upgraded)[step]).toBe(reason);

    // Back again, the old entries are found: none was taken for the other, and none was lost.
    const back = await shop.build(server(), { generatorVersion: '1.x' });
    expect(shop.takeRan()).toEqual([]);
    expect([...back.outputs].map(([name, { digest }]) => [name, digest])).toEqual(
      [...before.outputs].map(([name, { digest }]) => [name, digest]),
    );
  });
});
