import { stepCycle, stepDuplicate, stepNeedUnknown } from './errors.ts';

/** The part of a step that makes the graph. */
export interface GraphNode {
  readonly name: string;
  readonly needs: readonly string[];
  readonly after?: readonly string[];
}

/** Who waits for whom, by position in the list of steps. */
export interface StepGraph {
  readonly size: number;
  /** `needs` and `after` of each step, each position once. */
  readonly needs: readonly (readonly number[])[];
  readonly dependents: readonly (readonly number[])[];
  /** Every position once, needs before dependents, otherwise in the order of the list. */
  readonly order: readonly number[];
}

/**
 * Resolves names to positions and orders the steps.
 *
 * @param kept whether a need that is not in the list is there already: nobody waits for it.
 * @throws BuildError STEP_DUPLICATE, STEP_NEED_UNKNOWN or STEP_CYCLE, naming the steps.
 */
export function createStepGraph(nodes: readonly GraphNode[], kept: (name: string) => boolean = () => false): StepGraph {
  const positions = positionsByName(nodes);
  const dependents: number[][] = nodes.map(() => []);
  const needs = nodes.map((node, position) => {
    const resolved: number[] = [];
    for (const need of node.after === undefined ? node.needs : [...node.needs, ...node.after]) {
      const found = positions.get(need);
      if (found === undefined && kept(need)) continue;
      if (found === undefined) throw stepNeedUnknown(node.name, need);
      const known = dependents[found];
      // A need that is named twice was the last to be added.
      if (known === undefined || known.at(-1) === position) continue;
      known.push(position);
      resolved.push(found);
    }
    return resolved;
  });
  const order = topologicalOrder(needs, dependents);
  if (order.length < nodes.length) throw stepCycle(findCycle(nodes, needs, new Set(order)));
  return { size: nodes.length, needs, dependents, order };
}

function positionsByName(nodes: readonly GraphNode[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  nodes.forEach(({ name }, position) => {
    if (positions.has(name)) throw stepDuplicate(name);
    positions.set(name, position);
  });
  return positions;
}

function topologicalOrder(
  needs: readonly (readonly number[])[],
  dependents: readonly (readonly number[])[],
): readonly number[] {
  const missing = needs.map((list) => list.length);
  const order = [...missing.keys()].filter((position) => missing[position] === 0);
  for (const position of order) {
    for (const dependent of dependents[position] ?? []) {
      const left = (missing[dependent] ?? 0) - 1;
      missing[dependent] = left;
      if (left === 0) order.push(dependent);
    }
  }
  return order;
}

/** Every step outside `ordered` has a need outside it, so that walking needs comes back to where it was. */
function findCycle(
  nodes: readonly GraphNode[],
  needs: readonly (readonly number[])[],
  ordered: ReadonlySet<number>,
): readonly string[] {
  const walked: number[] = [];
  let position = nodes.findIndex((_, index) => !ordered.has(index));
  while (!walked.includes(position)) {
    walked.push(position);
    position = needs[position]?.find((need) => !ordered.has(need)) ?? position;
  }
  return walked.slice(walked.indexOf(position)).map((index) => nodes[index]?.name ?? '');
}
