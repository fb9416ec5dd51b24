/** What a heap held after so many calls. */
export interface HeapSample {
  readonly calls: number;
  readonly bytes: number;
}

/** Bytes that each call leaves behind: the slope of the line through the samples, by least squares. */
export function heapGrowth(samples: readonly HeapSample[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const calls = mean(samples.map((sample) => sample.calls));
  const bytes = mean(samples.map((sample) => sample.bytes));
  let together = 0;
  let alone = 0;
  for (const sample of samples) {
    together += (sample.calls - calls) * (sample.bytes - bytes);
    alone += (sample.calls - calls) ** 2;
  }
  return together / alone;
}
