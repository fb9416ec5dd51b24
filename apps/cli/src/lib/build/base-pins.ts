import type { Digest } from '@mcpgen/oci';
import { lockedName, readLockFile, readSharedLock, writeLockFile } from './lock-file.ts';

/** The digests that tags of base images stood for when they were looked up. */
export interface BasePins {
  get(base: string): Digest | undefined;
  set(base: string, digest: Digest): void;
}

/**
 * Keeps pins in the lock file: a build with a locked base asks no registry what its tag stands for. What that file does not
 * have, those of a store may that was warmed.
 */
export function openBasePins(file: string, warmed?: string): BasePins {
  const known = warmed === undefined ? [] : readSharedLock(warmed);
  let bases = new Map([...known, ...readLockFile(file)]);
  return {
    get: (base) => bases.get(lockedName(base)),
    set: (base, digest) => {
      // Another build may have locked its base meanwhile.
      const locked = new Map([...readLockFile(file), [lockedName(base), digest] as const]);
      bases = new Map([...bases, ...locked]);
      try {
        writeLockFile(file, locked);
      } catch {
        // A directory that cannot be written to: the tag is looked up again next time.
      }
    },
  };
}

/** Knows nothing, so that every tag is looked up: `--pull`. */
export function forgetBasePins(pins: BasePins): BasePins {
  return { get: () => undefined, set: (base, digest) => pins.set(base, digest) };
}
