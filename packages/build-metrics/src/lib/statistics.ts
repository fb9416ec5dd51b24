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

/**
 * The plane `y = a + b·x` through points, by least squares that count far ones less (Huber) and keep slopes small where the
 * points say little (ridge). Gives what is left of each point; `of` are the points it is laid through.
 */
export function residuals(y: readonly number[], x: readonly (readonly number[])[], of: number): readonly number[] {
  let weights = Array.from({ length: of }, () => 1);
  let left: readonly number[] = y;
  for (let turn = 0; turn < 5; turn += 1) {
    const plane = fit(y.slice(0, of), x.slice(0, of), weights);
    left = y.map((value, at) => value - valueAt(plane, x[at] ?? []));
    const scale = Math.max(1e-9, 1.345 * spread(left.slice(0, of)));
    weights = left.slice(0, of).map((value) => Math.min(1, scale / Math.max(1e-12, Math.abs(value))));
  }
  return left;
}

function valueAt(plane: readonly number[], x: readonly number[]): number {
  return x.reduce((sum, value, at) => sum + value * (plane[at + 1] ?? 0), plane[0] ?? 0);
}

/** Weighted normal equations, by Gauss and Jordan: a handful of unknowns. */
function fit(y: readonly number[], x: readonly (readonly number[])[], weights: readonly number[]): readonly number[] {
  const width = (x[0]?.length ?? 0) + 1;
  const rows = Array.from({ length: width }, () => Array.from({ length: width + 1 }, () => 0));
  y.forEach((value, at) => {
    const point = [1, ...(x[at] ?? []), value];
    rows.forEach((row, i) => {
      row.forEach((_, j) => {
        row[j] = (row[j] ?? 0) + (weights[at] ?? 0) * (point[i] ?? 0) * (point[j] ?? 0);
      });
    });
  });
  rows.forEach((row, i) => {
    if (i > 0) row[i] = (row[i] ?? 0) * 1.02 + 1e-6;
  });
  return solve(rows);
}

function solve(rows: readonly number[][]): readonly number[] {
  rows.forEach((row, pivot) => {
    const by = row[pivot] ?? 0;
    if (Math.abs(by) < 1e-12) return;
    row.forEach((value, at) => {
      row[at] = value / by;
    });
    rows.forEach((other, index) => {
      const times = other[pivot] ?? 0;
      if (index === pivot || times === 0) return;
      other.forEach((value, at) => {
        other[at] = value - times * (row[at] ?? 0);
      });
    });
  });
  return rows.map((row) => row.at(-1) ?? 0);
}
