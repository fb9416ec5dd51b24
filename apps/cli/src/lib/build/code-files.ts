import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The code below a folder, without tests and type declarations; sorted. */
export function codeFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.isDirectory()) return codeFiles(join(folder, entry.name));
      return /(?<!\.d|\.test)\.[jt]s$/.test(entry.name) ? [join(folder, entry.name)] : [];
    })
    .sort();
}
