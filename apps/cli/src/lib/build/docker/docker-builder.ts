import { usageError } from '../../errors.ts';

/** Who makes the image: this command itself, a Docker engine, or buildx with one of its builders. */
export type Builder = 'daemonless' | 'docker' | 'buildx' | `buildx:${string}`;

/** Reads `--builder`. */
export function parseBuilder(text: string): Builder {
  if (text === 'daemonless' || text === 'docker' || text === 'buildx') return text;
  if (/^buildx:[\w.-]+$/.test(text)) return text as Builder;
  throw usageError(
    `Cannot build the image by "${text}": expected daemonless, docker, buildx or buildx:NAME`,
    '`docker buildx ls` shows the names of builders',
  );
}
