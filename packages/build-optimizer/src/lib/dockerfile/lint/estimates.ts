/** About how much a finding costs, and how that is known. */
export interface Estimate {
  readonly amount: number;
  readonly unit: 'seconds' | 'megabytes';
  /** What was measured, so that everyone can judge how far it holds. */
  readonly basis: string;
}

/** Measured on two cores with Docker 28.5: docs/dockerfile.md says how to repeat it. */
export const estimates = {
  install: {
    amount: 9,
    unit: 'seconds',
    basis: 'npm ci of 85 MB of packages took 8.7 s on two cores, with a near registry',
  },
  npmCache: {
    amount: 55,
    unit: 'megabytes',
    basis: 'npm ci left 55 MB of downloads beside 85 MB of node_modules',
  },
  devDependencies: {
    amount: 104,
    unit: 'megabytes',
    basis: 'of 143 MB of node_modules of a server in TypeScript, 39 MB were for production',
  },
  compilers: {
    amount: 287,
    unit: 'megabytes',
    basis: 'python3, make and g++ take 287 MB in Debian 12, without recommended packages',
  },
  aptLists: {
    amount: 80,
    unit: 'megabytes',
    basis: 'the lists of Debian 12 take 80 MB after apt-get update',
  },
} as const satisfies Readonly<Record<string, Estimate>>;

/** What recommended packages add in Debian 12, in MB, as apt-get itself says. */
const RECOMMENDED: ReadonlyMap<string, number> = new Map([
  ['build-essential', 79],
  ['curl', 1],
  ['ffmpeg', 154],
  ['g++', 58],
  ['git', 12],
]);

/** Of the packages that were measured, the one with the most. */
export function recommendedEstimate(packages: readonly string[]): Estimate | undefined {
  const [most] = packages
    .flatMap((name) => (RECOMMENDED.has(name) ? [{ name, amount: RECOMMENDED.get(name) ?? 0 }] : []))
    .sort((a, b) => b.amount - a.amount);
  if (most === undefined) return undefined;
  const basis = `what ${most.name} recommends takes ${most.amount} MB in Debian 12`;
  return { amount: most.amount, unit: 'megabytes', basis };
}
