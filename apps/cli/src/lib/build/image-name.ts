import { basename } from 'node:path';
import type { BuildSettings } from './settings.ts';

/** A name that Docker takes for an image that was given none: lower case, parts of letters and digits. */
export function imageName({ server, directory }: BuildSettings): string {
  const name = server.info.name ?? basename(directory);
  const parts = name.toLowerCase().match(/[a-z0-9]+/g) ?? ['server'];
  return `${parts.join('-')}:latest`;
}
