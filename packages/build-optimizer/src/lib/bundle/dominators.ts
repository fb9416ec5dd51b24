/**
 * Immediate dominators of a flow graph whose node 0 is the root, after Cooper, Harvey and Kennedy, "A Simple, Fast
 * Dominance Algorithm" (2001).
 *
 * @param successors the nodes that each node has an edge to.
 * @returns for each node its immediate dominator; the root's is itself; -1 for a node that the root does not reach.
 */
export function immediateDominators(successors: readonly (readonly number[])[]): Int32Array {
  const order = reversePostorder(successors);
  const rank = new Int32Array(successors.length).fill(-1);
  order.forEach((node, index) => {
    rank[node] = index;
  });
  const predecessors = reachablePredecessors(successors, order);
  const dominator = new Int32Array(successors.length).fill(-1);
  dominator[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of order.slice(1)) {
      const next = commonDominator(predecessors[node] ?? [], dominator, rank);
      if (dominator[node] === next) continue;
      dominator[node] = next;
      changed = true;
    }
  }
  return dominator;
}

function commonDominator(predecessors: readonly number[], dominator: Int32Array, rank: Int32Array): number {
  let common = -1;
  for (const predecessor of predecessors) {
    if (at(dominator, predecessor) === -1) continue;
    common = common === -1 ? predecessor : intersect(common, predecessor, dominator, rank);
  }
  return common;
}

function intersect(first: number, second: number, dominator: Int32Array, rank: Int32Array): number {
  let [left, right] = [first, second];
  while (left !== right) {
    while (at(rank, left) > at(rank, right)) left = at(dominator, left);
    while (at(rank, right) > at(rank, left)) right = at(dominator, right);
  }
  return left;
}

function reversePostorder(successors: readonly (readonly number[])[]): number[] {
  const seen = new Uint8Array(successors.length);
  const postorder: number[] = [];
  // An explicit stack: a chain of imports may be longer than the call stack is deep.
  const stack: { readonly node: number; next: number }[] = [{ node: 0, next: 0 }];
  seen[0] = 1;
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const child = successors[frame.node]?.[frame.next];
    frame.next += 1;
    if (child === undefined) {
      postorder.push(frame.node);
      stack.pop();
    } else if (seen[child] === 0) {
      seen[child] = 1;
      stack.push({ node: child, next: 0 });
    }
  }
  return postorder.reverse();
}

function reachablePredecessors(successors: readonly (readonly number[])[], order: readonly number[]): number[][] {
  const predecessors: number[][] = successors.map(() => []);
  for (const node of order) {
    for (const child of successors[node] ?? []) predecessors[child]?.push(node);
  }
  return predecessors;
}

function at(array: Int32Array, index: number): number {
  return array[index] ?? -1;
}
