import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a build writes, and nothing that a running server might. */
const PARTS = ['deps', 'lists', 'manifest.json', 'modules', 'node_modules', 'runtime', 'validators'];

/** A digest of a built server's files, by name and content: equal on all machines that run the same build. */
export async function digestServer(directory: URL): Promise<string> {
  const digest = createHash('sha256');
  for (const part of PARTS) {
    for (const path of await findFiles(part, directory)) {
      const content = await readFile(new URL(path, directory));
      digest.update(JSON.stringify([path, content.length])).update(content);
    }
  }
  return digest.digest('hex');
}

/** A file by itself, or all below a directory; none where there is none. Sorted, relative, with `/`. */
async function findFiles(part: string, directory: URL): Promise<readonly string[]> {
  if (part.endsWith('.json')) return [part];
  const root = new URL(`${part}/`, directory);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(ignoreMissing);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => pathToFileURL(join(parentPath, name)).href.slice(directory.href.length))
    .sort();
}

function ignoreMissing(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
