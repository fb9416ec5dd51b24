import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { immediateDominators } from './dominators.ts';

describe('immediateDominators', () => {
  it.each([
    ['a chain', [[1], [2], []], [0, 0, 1]],
    ['a diamond', [[1, 2], [3], [3], []], [0, 0, 0, 0]],
    ['a node behind a diamond', [[1], [2, 3], [4], [4], [5], []], [0, 0, 1, 1, 1, 4]],
    ['a cycle with two ways in', [[1, 2], [2], [1]], [0, 0, 0]],
    ['a node out of reach', [[1], [], [1]], [0, 0, -1]],
  ])('finds them in %s', (_, successors, expected) => {
    expect([...immediateDominators(successors)]).toEqual(expected);
  });

  it('holds for a chain deeper than the call stack', () => {
    const successors = Array.from({ length: 100_000 }, (_, node) => (node < 99_999 ? [node + 1] : []));
    expect(immediateDominators(successors)[99_999]).toBe(99_998);
  });

  it('agrees with the definition: what cannot be reached without a node is dominated by it', () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((size) => {
      const node = fc.integer({ min: 0, max: size - 1 });
      return fc.array(fc.array(node, { maxLength: 4 }), { minLength: size, maxLength: size });
    });
    fc.assert(
      fc.property(graph, (successors) => {
        const dominators = immediateDominators(successors);
        const reachable = reach(successors);
        for (const [node] of successors.entries()) {
          if (!reachable.has(node)) {
            expect(dominators[node]).toBe(-1);
            continue;
          }
          const strict = [...reachable].filter((other) => other !== node && !reach(successors, other).has(node));
          expect([...chain(dominators, node)].sort()).toEqual(strict.sort());
        }
      }),
    );
  });
});

/** Nodes that the root reaches without passing through one. */
function reach(successors: readonly (readonly number[])[], without = -1): Set<number> {
  const seen = new Set(without === 0 ? [] : [0]);
  for (const node of seen) for (const next of successors[node] ?? []) if (next !== without) seen.add(next);
  return seen;
}

function* chain(dominators: Int32Array, node: number): Generator<number> {
  for (let above = node; above !== 0; ) {
    above = dominators[above] ?? 0;
    yield above;
  }
}
