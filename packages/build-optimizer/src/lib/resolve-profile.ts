export type ProfileName = 'fast' | 'standard' | 'optimized';

export type Compression = 'none' | 'gzip' | 'zstd';

/** What a build trades against its own time. Every field may enter a step's key; none is read from elsewhere. */
export interface Profile {
  /** The preset it started from; overridden fields do not change it. */
  readonly name: ProfileName;
  /** Shorter names, syntax and whitespace in bundled code. Smaller images and a slightly faster start, harder stack traces. */
  readonly minify: boolean;
  /** `linked` writes a `.map` file beside each bundled file, read by `node --enable-source-maps`; `none` writes nothing. */
  readonly sourcemap: 'none' | 'linked';
  /** `beside` checks types while the rest of the build runs, and a type error fails the build; `off` checks nothing. */
  readonly typecheck: 'off' | 'beside';
  /** Of image layers. `none` costs no time and makes pushes and pulls larger; `zstd` needs a container engine of 2021 or later. */
  readonly compression: Compression;
  /** 1 to 9 for gzip, 1 to 22 for zstd, 0 for none. Twice the level is far less than half the size. */
  readonly compressionLevel: number;
}

export type ProfileOverrides = Partial<Omit<Profile, 'name'>>;

const presets: Readonly<Record<ProfileName, Profile>> = {
  fast: {
    name: 'fast',
    minify: false,
    sourcemap: 'linked',
    typecheck: 'off',
    compression: 'none',
    compressionLevel: 0,
  },
  standard: {
    name: 'standard',
    minify: false,
    sourcemap: 'linked',
    typecheck: 'beside',
    compression: 'gzip',
    compressionLevel: 6,
  },
  optimized: {
    name: 'optimized',
    minify: true,
    sourcemap: 'none',
    typecheck: 'beside',
    compression: 'gzip',
    compressionLevel: 9,
  },
};

const levels: Readonly<
  Record<Compression, { readonly lowest: number; readonly highest: number; readonly usual: number }>
> = {
  none: { lowest: 0, highest: 0, usual: 0 },
  gzip: { lowest: 1, highest: 9, usual: 6 },
  zstd: { lowest: 1, highest: 22, usual: 3 },
};

/**
 * A preset with some fields replaced. Another compression without a level gets that compression's usual level (gzip 6,
 * zstd 3).
 *
 * @throws RangeError for a level that the compression does not have.
 */
export function resolveProfile(name: ProfileName, overrides: ProfileOverrides = {}): Profile {
  const merged = { ...presets[name], ...overrides };
  const changed = merged.compression !== presets[name].compression;
  const level = overrides.compressionLevel ?? (changed ? levels[merged.compression].usual : merged.compressionLevel);
  const { lowest, highest } = levels[merged.compression];
  if (!Number.isInteger(level) || level < lowest || level > highest) {
    throw new RangeError(
      `Cannot use compression level ${level}: ${merged.compression} has the levels ${lowest} to ${highest}`,
    );
  }
  return { ...merged, compressionLevel: level };
}
