/** The middle of the values; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[sorted.length / 2 - 1] ?? Number.NaN)) / 2;
}

/** The spread of the values, told from their median so that a few wild ones do not count: a standard deviation. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  // https://en.wikipedia.org/wiki/Median_absolute_deviation#Relation_to_standard_deviation
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Correlation of each value with the next: how much longer a busy time lasts than one run. From 0 to 0.9. */
export function persistence(values: readonly number[]): number {
  const middle = mean(values);
  let [together, alone] = [0, 0];
  values.forEach((value, at) => {
    alone += (value - middle) ** 2;
    together += at === 0 ? 0 : (value - middle) * ((values[at - 1] ?? middle) - middle);
  });
  return alone === 0 ? 0 : Math.min(0.9, Math.max(0, together / alone));
}
