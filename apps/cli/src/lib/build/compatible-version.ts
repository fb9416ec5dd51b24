/**
 * The versions whose results hold for each other, as semantic versioning has it: `1.x` of 1.4.2, `0.3.x` of 0.3.1. Of a
 * version that promises nothing to any other (0.0.4, 2.0.0-rc.1) there is one only.
 */
export function compatibleVersion(version: string): string {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
  if (major === undefined || (major === '0' && minor === '0')) return version;
  return major === '0' ? `0.${minor}.x` : `${major}.x`;
}
