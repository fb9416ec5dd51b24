import { describe, expect, it } from 'vitest';
import { createBatcher } from './batcher.ts';

describe('createBatcher', () => {
  it('does what is added in one tick in one go', async () => {
    const { batcher, batches } = recorded();
    await Promise.all([batcher.add(1), batcher.add(2)]);
    expect(batches).toEqual([[1, 2]]);
  });

  it('collects what is added while a batch runs', async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const { batcher, batches } = recorded(async () => {
      started.resolve();
      await release.promise;
    });
    const first = batcher.add(1);
    await started.promise;
    const rest = [batcher.add(2), batcher.add(3)];
    release.resolve();
    expect(await Promise.all([first, ...rest])).toEqual([10, 20, 30]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('works again after it was idle', async () => {
    const { batcher, batches } = recorded();
    await batcher.add(1);
    await batcher.idle();
    await batcher.add(2);
    expect(batches).toEqual([[1], [2]]);
  });

  it('rejects one item without the others', async () => {
    const { batcher } = recorded();
    const [good, bad] = await Promise.allSettled([batcher.add(1), batcher.add(-1)]);
    expect(good).toEqual({ status: 'fulfilled', value: 10 });
    expect(bad).toMatchObject({ status: 'rejected', reason: new RangeError('negative') });
  });

  it('rejects all items of a batch that throws', async () => {
    const { batcher } = recorded(() => Promise.reject(new Error('broken')));
    expect((await Promise.allSettled([batcher.add(1), batcher.add(2)])).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
    ]);
  });
});

function recorded(before: () => Promise<void> = async () => {}) {
  const batches: (readonly number[])[] = [];
  const batcher = createBatcher<number, number>(async (items) => {
    batches.push(items);
    await before();
    return new Map(items.map((item) => [item, outcome(item)]));
  });
  return { batcher, batches };
}

function outcome(item: number): PromiseSettledResult<number> {
  return item < 0
    ? { status: 'rejected', reason: new RangeError('negative') }
    : { status: 'fulfilled', value: item * 10 };
}
