/** Does what is asked for at about the same time in one go. */
export interface Batcher<Item, Result> {
  add(item: Item): Promise<Result>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export type Outcomes<Item, Result> = ReadonlyMap<Item, PromiseSettledResult<Result>>;

/**
 * Items that are added in the same tick, or while a batch runs, become the next batch.
 *
 * @param run gives an outcome for each item; where it throws, all items of the batch fail.
 */
export function createBatcher<Item, Result>(
  run: (items: readonly Item[]) => Promise<Outcomes<Item, Result>>,
): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running: Promise<void> | undefined;

  async function drain(): Promise<void> {
    // One turn of the event loop, so that callers that wait for the same thing come along.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await settle(batch, run);
    }
    running = undefined;
  }

  function add(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    waiting.push({ item, resolve, reject });
    running ??= drain();
    return promise;
  }

  return { add, idle: async () => running };
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

async function settle<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  run: (items: readonly Item[]) => Promise<Outcomes<Item, Result>>,
): Promise<void> {
  try {
    const outcomes = await run(batch.map(({ item }) => item));
    for (const { item, resolve, reject } of batch) {
      const outcome = outcomes.get(item);
      if (outcome?.status === 'fulfilled') resolve(outcome.value);
      else reject(outcome?.reason);
    }
  } catch (reason) {
    for (const { reject } of batch) reject(reason);
  }
}
