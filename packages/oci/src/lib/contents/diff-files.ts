import { compareBytes } from '../compare-bytes.ts';
import type { LayerFile } from './list-layer.ts';

/** A path that differs between two layers. */
export interface FileDifference {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** What is not the same: `content`, `mode`, `owner`, `kind`, `target`. Empty unless changed. */
  readonly aspects: readonly string[];
  /** Bytes before and after; 0 where it is not there. */
  readonly before: number;
  readonly after: number;
}

/** What differs between the contents of two layers, by path. Pure. */
export function diffFiles(before: readonly LayerFile[], after: readonly LayerFile[]): readonly FileDifference[] {
  const old = new Map(before.map((file) => [keyOf(file), file]));
  const now = new Map(after.map((file) => [keyOf(file), file]));
  const removed = before.filter((file) => !now.has(keyOf(file)));
  const rest = after.flatMap((file): readonly FileDifference[] => {
    const other = old.get(keyOf(file));
    if (other === undefined) return [{ path: file.path, kind: 'added', aspects: [], before: 0, after: file.size }];
    const aspects = aspectsOf(other, file);
    if (aspects.length === 0) return [];
    return [{ path: file.path, kind: 'changed', aspects, before: other.size, after: file.size }];
  });
  const gone = removed.map(
    ({ path, size }): FileDifference => ({ path, kind: 'removed', aspects: [], before: size, after: 0 }),
  );
  return [...gone, ...rest].sort((a, b) => compareBytes(a.path, b.path));
}

/** A directory that is made anew and hides those below is two things at one path. */
function keyOf({ kind, path }: LayerFile): string {
  return kind === 'opaque' ? `opaque ${path}` : path;
}

function aspectsOf(a: LayerFile, b: LayerFile): readonly string[] {
  const aspects: string[] = [];
  if (a.kind !== b.kind) aspects.push('kind');
  if (a.digest !== b.digest) aspects.push('content');
  if (a.target !== b.target) aspects.push('target');
  if (a.mode !== b.mode) aspects.push('mode');
  if (a.uid !== b.uid || a.gid !== b.gid) aspects.push('owner');
  return aspects;
}
