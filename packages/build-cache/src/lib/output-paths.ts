/** Bounds of one entry: far above any build's, low enough that a forged manifest cannot fill a disk with names. */
const MAX_FILES = 200_000;
const MAX_PATH = 1024;
const MAX_DEPTH = 64;

/** Sorts bytewise, which no locale changes. */
export function sortPaths(paths: readonly string[]): string[] {
  return [...paths].sort(comparePaths);
}

export function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Why these names cannot all be written below one directory on every file system, or `undefined` when they can. Asked
 * when storing (then it is the step's mistake) and again when restoring (then the manifest is not to be trusted).
 */
export function findUnsafePath(paths: readonly string[]): { path: string; reason: string } | undefined {
  if (paths.length > MAX_FILES) return { path: paths[MAX_FILES] ?? '', reason: `more than ${MAX_FILES} files` };
  for (const path of paths) {
    const reason = unsafeName(path);
    if (reason !== undefined) return { path, reason };
  }
  return findCollision(paths);
}

function unsafeName(path: string): string | undefined {
  if (path === '') return 'empty name';
  if (path.length > MAX_PATH) return `longer than ${MAX_PATH} characters`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'absolute';
  if (path.includes('\\')) return 'has a backslash';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'has a control character';
  if (!path.isWellFormed()) return 'not valid Unicode';
  const segments = path.split('/');
  if (segments.length > MAX_DEPTH) return `deeper than ${MAX_DEPTH} directories`;
  for (const segment of segments) if (segment === '' || segment === '.' || segment === '..') return `has "${segment}"`;
  return undefined;
}

/** Two names that one file system takes for one, or a file that is another's directory. */
function findCollision(paths: readonly string[]): { path: string; reason: string } | undefined {
  const files = new Map<string, string>();
  for (const path of paths) {
    const folded = fold(path);
    const other = files.get(folded);
    if (other !== undefined) return { path, reason: other === path ? 'named twice' : `collides with "${other}"` };
    files.set(folded, path);
  }
  const seen = new Set<string>();
  for (const [folded, path] of files) {
    for (let end = folded.lastIndexOf('/'); end > 0; end = folded.lastIndexOf('/', end - 1)) {
      const parent = folded.slice(0, end);
      // Thousands of files share few directories.
      if (seen.has(parent)) break;
      seen.add(parent);
      const other = files.get(parent);
      if (other !== undefined) return { path, reason: `lies below "${other}", which is a file` };
    }
  }
  return undefined;
}

function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
