import type { Stats } from 'node:fs';
import type { FileMode } from './cache.ts';

/** The only bit of a mode that is kept. */
export function modeOf({ mode }: Pick<Stats, 'mode'>): FileMode {
  return (mode & 0o100) === 0 ? 0o644 : 0o755;
}
