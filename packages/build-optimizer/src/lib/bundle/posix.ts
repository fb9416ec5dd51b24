import { sep } from 'node:path';

/** A path with `/` between its parts, whatever the system. */
export function posix(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/');
}
