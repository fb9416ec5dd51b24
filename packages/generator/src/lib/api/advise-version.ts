import type { ApiChange } from './compare-apis.ts';

/** Which part of a version goes up, as semantic versioning says. */
export type VersionBump = 'major' | 'minor' | 'patch' | 'none';

export interface VersionAdvice {
  /** What the changes are, whatever the version. */
  readonly bump: VersionBump;
  /** The least version that announces them; `undefined` where the last one is no semantic version. */
  readonly least: string | undefined;
  /** Whether the version that the server has now announces them. */
  readonly announced: boolean;
}

/** What version a server should have whose API changed so since `last`. Before 1.0.0 a break raises the minor number. */
export function adviseVersion(
  changes: readonly Pick<ApiChange, 'level'>[],
  { last, now }: { readonly last: string; readonly now: string },
): VersionAdvice {
  const bump = bumpOf(changes);
  if (bump === 'none') return { bump, least: last, announced: true };
  const [from, to] = [parseVersion(last), parseVersion(now)];
  if (from === undefined) return { bump, least: undefined, announced: false };
  const least = raised(from, bump);
  return { bump, least: least.join('.'), announced: to !== undefined && !isBefore(to, least) };
}

function bumpOf(changes: readonly Pick<ApiChange, 'level'>[]): VersionBump {
  const levels = new Set(changes.map(({ level }) => level));
  if (levels.has('breaking') || levels.has('unclear')) return 'major';
  if (levels.has('compatible')) return 'minor';
  return levels.has('text') ? 'patch' : 'none';
}

type Version = readonly [major: number, minor: number, patch: number];

/** Without what follows: a release candidate of 2.0.0 announces what 2.0.0 does. */
function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text) ?? [];
  return patch === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

function raised([major, minor, patch]: Version, bump: VersionBump): Version {
  if (bump === 'major') return major === 0 ? [0, minor + 1, 0] : [major + 1, 0, 0];
  if (bump === 'minor') return major === 0 ? [0, minor, patch + 1] : [major, minor + 1, 0];
  return [major, minor, patch + 1];
}

function isBefore(a: Version, b: Version): boolean {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}
