/**
 * What each step will cost, in milliseconds: what it cost last time; for a step that is new, the mean of its kind (the
 * part of a name before `:`), or of all steps where the kind is new too.
 */
export function estimateDurations(
  names: readonly string[],
  known: (name: string) => number | undefined,
): readonly number[] {
  const durations = names.map(known);
  if (!durations.includes(undefined)) return durations.map((duration) => duration ?? 0);
  const kinds = new Map<string, Mean>();
  const all: Mean = { sum: 0, count: 0 };
  names.forEach((name, at) => {
    const duration = durations[at];
    if (duration === undefined) return;
    const kind = kinds.get(kindOf(name)) ?? { sum: 0, count: 0 };
    kinds.set(kindOf(name), add(kind, duration));
    add(all, duration);
  });
  const usual = meanOf(all) ?? 1;
  return names.map((name, at) => durations[at] ?? meanOf(kinds.get(kindOf(name))) ?? usual);
}

interface Mean {
  sum: number;
  count: number;
}

function add(mean: Mean, value: number): Mean {
  mean.sum += value;
  mean.count += 1;
  return mean;
}

function meanOf(mean: Mean | undefined): number | undefined {
  return mean === undefined || mean.count === 0 ? undefined : mean.sum / mean.count;
}

function kindOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(0, colon);
}
