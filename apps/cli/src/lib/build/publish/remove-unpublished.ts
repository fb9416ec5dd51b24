import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of a server in which every file is a build's. */
const FOLDERS = ['deps', 'lists', 'modules', 'node_modules', 'runtime', 'validators'];

/**
 * Removes what earlier builds published and this one did not: of the files that they are known to have published, or,
 * where nothing is known of a server that lies there, of those in the folders of a server. All else is the user's. Links to directories are
 * never followed: behind one is somebody else's place.
 */
export function removeUnpublished(
  directory: string,
  { known, wanted }: { readonly known: ReadonlySet<string> | undefined; readonly wanted: ReadonlySet<string> },
): void {
  const isOwn = ownFolders(directory);
  if (!isOwn('')) return;
  for (const path of known ?? listFiles(directory, isOwn)) {
    if (!wanted.has(path) && isOwn(folderOf(path))) removeFile(directory, path);
  }
}

/** Whether a folder, and every one above it, is a real directory and no link. */
function ownFolders(directory: string): (folder: string) => boolean {
  const answers = new Map<string, boolean>();
  const isOwn = (folder: string): boolean => {
    const known = answers.get(folder);
    if (known !== undefined) return known;
    const real = lstatSync(join(directory, folder), { throwIfNoEntry: false })?.isDirectory() === true;
    const answer = real && (folder === '' || isOwn(folderOf(folder)));
    answers.set(folder, answer);
    return answer;
  };
  return isOwn;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** All that is no directory, links included. */
function* listFiles(directory: string, isOwn: (folder: string) => boolean, folders = FOLDERS): Generator<string> {
  for (const folder of folders) {
    if (!isOwn(folder)) continue;
    for (const entry of readdirSync(join(directory, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) yield* listFiles(directory, isOwn, [path]);
      else yield path;
    }
  }
}

/** With the folders that it leaves empty. What is gone already, or has become something else, is left alone. */
function removeFile(directory: string, path: string): void {
  try {
    unlinkSync(join(directory, path));
    for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) rmdirSync(join(directory, folder));
  } catch {
    // A folder with other files in it, most of the time.
  }
}
