/** What an image runs on, by Go's names as the specification asks: `linux`, `amd64`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** Of the architecture: `v8` for arm64, `v7` for arm. */
  readonly variant?: string;
}

/** `linux/arm64/v8`: for people and for `--platform`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/**
 * Whether an image for `offered` runs where `wanted` is asked for. A variant counts only when both name one;
 * arm64 and arm64/v8 are the same thing.
 */
export function matchesPlatform(offered: Platform, wanted: Platform): boolean {
  if (offered.os !== wanted.os || offered.architecture !== wanted.architecture) return false;
  return offered.variant === undefined || wanted.variant === undefined || offered.variant === wanted.variant;
}

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
]);

/** The platform's name for what `process.platform` and `process.arch` say. */
export function platformOf(platform: string, arch: string): Platform {
  const os = platform === 'win32' ? 'windows' : platform;
  return { os, architecture: ARCHITECTURES.get(arch) ?? arch };
}
