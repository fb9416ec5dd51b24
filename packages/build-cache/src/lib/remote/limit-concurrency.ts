/** A function that runs at most so many actions at once; the others wait in order. */
export function limitConcurrency(most: number): <T>(action: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let running = 0;
  return async (action) => {
    if (running >= most) await new Promise<void>((resolve) => queue.push(resolve));
    running++;
    try {
      return await action();
    } finally {
      running--;
      queue.shift()?.();
    }
  };
}
