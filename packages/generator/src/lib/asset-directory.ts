import { existsSync } from 'node:fs';

/** A directory of files beside the code, in the package as published (`dist/`) as in its sources (`src/lib/`). */
export function assetDirectory(name: 'runtime' | 'templates'): URL {
  const built = new URL(`../${name}/`, import.meta.url);
  return existsSync(built) ? built : new URL(`../../${name}/`, import.meta.url);
}
