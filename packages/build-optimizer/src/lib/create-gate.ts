/** Lets so many in at a time, in the order in which they came. */
export interface Gate {
  /** Runs `work` when there is room. */
  pass<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(width: number): Gate {
  const waiting: (() => void)[] = [];
  let next = 0;
  let inside = 0;
  const leave = () => {
    const first = waiting[next];
    // Who waits takes the place at once, so that nobody who comes now can slip in between.
    if (first === undefined) inside -= 1;
    else {
      next += 1;
      first();
    }
  };
  return {
    async pass(work) {
      if (inside >= width) await new Promise<void>((resolve) => waiting.push(resolve));
      else inside += 1;
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
