import { dirname, join } from 'node:path';
import { type OutputFact, outputsInPlace, readOutputFacts } from '@mcpgen/cache-invalidation';
import { holdsServer } from './claim-output.ts';
import { withPublishLock } from './publish-lock.ts';
import { type PublishedFile, readPublished, writePublished } from './published-files.ts';
import { removeUnpublished } from './remove-unpublished.ts';
import { stageFiles } from './stage-files.ts';

export interface PublishOptions {
  /** Where the finished server lies. */
  readonly work: string;
  /** Where it is wanted. */
  readonly published: string;
  /** All its files as the steps left them. */
  readonly files: readonly OutputFact[];
  /** Remembers what was published there, so that only what differs is copied, and only what is a build's is removed. */
  readonly memory: string;
}

const MANIFEST = 'manifest.json';

/**
 * Brings the published server in line with the finished one: only what differs is touched. All of it is copied to the
 * side before the first file is moved in, the manifest last: a disk that fills up, like a build that fails,
 * leaves the published server as it was. Called only when every step has succeeded; builds at once take turns.
 *
 * @returns the published files as they now are.
 */
export function publishServer(options: PublishOptions): readonly OutputFact[] {
  return withPublishLock(`${options.memory}.lock`, () => publish(options));
}

function publish({ work, published, files, memory }: PublishOptions): readonly OutputFact[] {
  const before = readPublished(memory);
  const known = before.size > 0 ? new Set(before.keys()) : undefined;
  // Nothing is known where the cache was removed; of what is no server, nothing may be taken for one's own.
  const removable = known ?? (holdsServer(published) ? undefined : new Set<string>());
  const after = new Map<string, PublishedFile>();
  const changed: OutputFact[] = [];
  for (const source of manifestLast(files)) {
    const last = before.get(source.path);
    const same = last !== undefined && sameSource(last.source, source) && outputsInPlace(published, [last.target]);
    if (same) after.set(source.path, last);
    else changed.push(source);
  }
  for (const [source, target] of place(changed, { work, published, memory }))
    after.set(target.path, { source, target });
  removeUnpublished(published, { known: removable, wanted: new Set(after.keys()) });
  writePublished(memory, after.values());
  return [...after.values()].map(({ target }) => target);
}

function manifestLast(files: readonly OutputFact[]): readonly OutputFact[] {
  const manifest = files.filter(({ path }) => path === MANIFEST);
  return [...files.filter(({ path }) => path !== MANIFEST), ...manifest];
}

function sameSource(a: OutputFact, b: OutputFact): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime;
}

/** Each file with the facts of its copy. */
function place(
  files: readonly OutputFact[],
  { work, published, memory }: Omit<PublishOptions, 'files'>,
): readonly (readonly [source: OutputFact, target: OutputFact])[] {
  const paths = files.map(({ path }) => path);
  if (paths.length === 0) return [];
  stageFiles(paths, { from: work, to: published, stages: join(dirname(memory), 'stage') });
  const targets = new Map(readOutputFacts(published, paths).map((fact) => [fact.path, fact]));
  return files.flatMap((source) => {
    const target = targets.get(source.path);
    return target === undefined ? [] : [[source, target] as const];
  });
}
