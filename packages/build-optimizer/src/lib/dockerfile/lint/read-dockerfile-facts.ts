import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ContextEntry, DockerfileFacts } from './dockerfile-facts.ts';

/** Files that are counted below one entry: more would make checking slow, and the answer no better. */
const MOST_FILES = 20_000;

/**
 * Looks at what lies around a Dockerfile: the names at the root of its context, how much is below them, and the
 * `.dockerignore` (or `NAME.dockerignore` beside the file, which wins).
 *
 * @param context Default: the directory of the file.
 */
export function readDockerfileFacts(file: string, context: string = dirname(file)): DockerfileFacts {
  const entries = readFolder(context).map((entry) => countBelow(context, entry));
  const ignoreFile = [`${join(dirname(file), basename(file))}.dockerignore`, join(context, '.dockerignore')].find(
    (path) => existsSync(path),
  );
  return {
    known: true,
    entries,
    ...(ignoreFile === undefined ? {} : { ignoreFile: readFileSync(ignoreFile, 'utf8') }),
  };
}

/** What cannot be read counts as empty: the builder will say so. */
function readFolder(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function countBelow(context: string, entry: Dirent): ContextEntry {
  let bytes = 0;
  let files = 0;
  const waiting = [{ path: join(context, entry.name), isDirectory: entry.isDirectory() }];
  for (let next = waiting.pop(); next !== undefined && files < MOST_FILES; next = waiting.pop()) {
    const { path, isDirectory } = next;
    if (isDirectory) {
      for (const child of readFolder(path))
        waiting.push({ path: join(path, child.name), isDirectory: child.isDirectory() });
    } else {
      bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
      files++;
    }
  }
  return { path: entry.name, bytes, more: files >= MOST_FILES };
}
