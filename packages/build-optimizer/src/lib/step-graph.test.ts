import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomGraph } from '../../test/random-graph.ts';
import { createStepGraph } from './step-graph.ts';

const step = (name: string, ...needs: string[]) => ({ name, needs });

describe('createStepGraph', () => {
  it('resolves names to positions, wherever in the list they are', () => {
    const graph = createStepGraph([step('image', 'bundle', 'runtime'), step('bundle'), step('runtime')]);
    expect(graph.needs).toEqual([[1, 2], [], []]);
    expect(graph.dependents).toEqual([[], [0], [0]]);
    expect(graph.order).toEqual([1, 2, 0]);
  });

  it('counts a need that is named twice once', () => {
    expect(createStepGraph([step('a'), step('b', 'a', 'a')]).dependents).toEqual([[1], []]);
  });

  it('counts what a step only waits for as it counts its needs', () => {
    const graph = createStepGraph([step('a'), step('b'), { ...step('c', 'a'), after: ['a', 'b'] }]);
    expect(graph.needs[2]).toEqual([0, 1]);
  });

  it('names the step of which there are two', () => {
    expect(() => createStepGraph([step('a'), step('b'), step('a')])).toThrow(
      expect.objectContaining({ code: 'STEP_DUPLICATE', steps: ['a'] }),
    );
  });

  it('names the step and the need that is not there', () => {
    expect(() => createStepGraph([step('a', 'b')])).toThrow(
      expect.objectContaining({ code: 'STEP_NEED_UNKNOWN', steps: ['a', 'b'] }),
    );
  });

  it('names the steps of a cycle in their order, and none besides', () => {
    const nodes = [step('start'), step('a', 'start', 'c'), step('b', 'a'), step('c', 'b'), step('end', 'c')];
    expect(() => createStepGraph(nodes)).toThrow(
      expect.objectContaining({
        code: 'STEP_CYCLE',
        steps: ['a', 'c', 'b'],
        message: 'Cannot plan the build: "a" needs "c" needs "b" needs "a"',
      }),
    );
  });

  it('finds a step that needs itself', () => {
    expect(() => createStepGraph([step('a', 'a')])).toThrow(expect.objectContaining({ steps: ['a'] }));
  });

  it('puts needs before dependents on random graphs in any order of the list', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 80 }), (seed, size) => {
        const { nodes, durations } = randomGraph(seed, { size, needs: 4, spread: 1 });
        const shuffled = nodes.toSorted(
          (a, b) => (durations[nodes.indexOf(a)] ?? 0) - (durations[nodes.indexOf(b)] ?? 0),
        );
        const graph = createStepGraph(shuffled);
        const at = new Map(graph.order.map((position, index) => [position, index]));
        expect(at.size).toBe(size);
        graph.needs.forEach((needs, position) => {
          for (const need of needs) expect(at.get(need)).toBeLessThan(at.get(position) ?? -1);
        });
      }),
    );
  });
});
