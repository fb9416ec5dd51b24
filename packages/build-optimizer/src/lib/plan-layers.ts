/** A file of a built server, by its path below the server's directory. */
export interface LayerFile {
  /** Relative, with `/` between the parts. */
  readonly path: string;
}

/** The image layers of a server above its base, from what changes least to what changes most; each sorted bytewise. */
export interface LayerPlan<File extends LayerFile> {
  /** Third-party code and the server runtime: the same from one edit to the next. */
  readonly dependencies: readonly File[];
  /** The author's code and what was made from it: changes with every edit. */
  readonly application: readonly File[];
}

/** What changes only when a package, or mcpgen itself, changes. */
const dependencyFolders: ReadonlySet<string> = new Set(['node_modules', 'deps', 'runtime']);

/**
 * Divides a server's files by their rate of change, so that an edit of a tool makes one small layer anew and a push sends
 * only that. Files in folders that it does not know belong to the application.
 */
export function planLayers<File extends LayerFile>(files: readonly File[]): LayerPlan<File> {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const isDependency = ({ path }: File) => {
    const slash = path.indexOf('/');
    return slash > 0 && dependencyFolders.has(path.slice(0, slash));
  };
  return {
    dependencies: sorted.filter(isDependency),
    application: sorted.filter((file) => !isDependency(file)),
  };
}
