import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';

/** Paths relative to the root, with `/`, to the text or bytes of the file; `null` makes an empty directory. */
export type Tree = Readonly<Record<string, string | Uint8Array | null>>;

/**
 * Writes files below `directory`, making the folders they need. Files that the tree does not name stay.
 *
 * @throws {RangeError} for a path that would leave `directory`.
 */
export async function writeTree(directory: string, tree: Tree): Promise<void> {
  for (const [path, content] of Object.entries(tree)) {
    if (isAbsolute(path) || normalize(path).startsWith('..')) {
      throw new RangeError(`Cannot write "${path}": it is outside the directory`);
    }
    const absolute = join(directory, path);
    await mkdir(content === null ? absolute : dirname(absolute), { recursive: true });
    if (content !== null) await writeFile(absolute, content);
  }
}
