import { dirname, join } from 'node:path';
import { type OutputFact, outputsInPlace, readOutputFacts } from '@mcpgen/cache-invalidation';
import { holdsServer } from './claim-output.ts';
import { withPublishLock } from './publish-lock.ts';
import {
  changePublished,
  type PublishedChange,
  type PublishedFile,
  publishedVersion,
  readPublished,
  writePublished,
} from './published-files.ts';
import { removeUnpublished } from './remove-unpublished.ts';
import { stageFiles } from './stage-files.ts';

/** Where a server is published. */
export interface PublishPlaces {
  /** Where the finished server lies. */
  readonly work: string;
  /** Where it is wanted. */
  readonly published: string;
  /** Remembers what was published there, so that only what differs is copied, and only what is a build's is removed. */
  readonly memory: string;
}

export interface PublishOptions extends PublishPlaces {
  /** All its files as the steps left them. */
  readonly files: readonly OutputFact[];
}

/** The published files as they now are, and what is remembered of them. */
export interface Published {
  readonly files: readonly OutputFact[];
  /** See `publishedVersion`. */
  readonly version: string | undefined;
}

const MANIFEST = 'manifest.json';

/**
 * Brings the published server in line with the finished one: only what differs is touched. All of it is copied to the
 * side before the first file is moved in, the manifest last: a disk that fills up, like a build that fails,
 * leaves the published server as it was. Called only when every step has succeeded; builds at once take turns.
 */
export function publishServer(options: PublishOptions): Published {
  return withPublishLock(`${options.memory}.lock`, () => publish(options));
}

function publish({ files, ...places }: PublishOptions): Published {
  const { published, memory } = places;
  const before = readPublished(memory);
  const known = before.size > 0 ? new Set(before.keys()) : undefined;
  // Nothing is known where the cache was removed; of what is no server, nothing may be taken for one's own.
  const removable = known ?? (holdsServer(published) ? undefined : new Set<string>());
  const after = new Map<string, PublishedFile>();
  const changed: OutputFact[] = [];
  for (const source of files) {
    const last = before.get(source.path);
    const same = last !== undefined && sameSource(last.source, source) && outputsInPlace(published, [last.target]);
    if (same) after.set(source.path, last);
    else changed.push(source);
  }
  for (const placed of place(changed, places)) after.set(placed.target.path, placed);
  removeUnpublished(published, { known: removable, wanted: new Set(after.keys()) });
  writePublished(memory, after.values());
  return { files: Array.from(after.values(), ({ target }) => target), version: publishedVersion(memory) };
}

export interface PublishEditOptions extends PublishPlaces {
  /** What the steps that an edit reaches had left when they were last published. */
  readonly before: readonly OutputFact[];
  /** What they left now. */
  readonly files: readonly OutputFact[];
  /** What was remembered then. */
  readonly version: string;
}

/** What an edit changed of the published server, and what is remembered now. */
export interface PublishedEdit extends PublishedChange {
  readonly version: string | undefined;
}

/**
 * The same for the files of a few steps, where all others were just found to be as they were published. `undefined`, and
 * nothing done, where another build has published since.
 */
export function publishEdit({ before, files, version, ...places }: PublishEditOptions): PublishedEdit | undefined {
  const { published, memory } = places;
  return withPublishLock(`${memory}.lock`, () => {
    if (publishedVersion(memory) !== version) return undefined;
    const last = new Map(before.map((source) => [source.path, source]));
    const changed = files.filter((source) => {
      const known = last.get(source.path);
      return known === undefined || !sameSource(known, source);
    });
    const wanted = new Set(files.map(({ path }) => path));
    const change = { files: place(changed, places), gone: [...last.keys()].filter((path) => !wanted.has(path)) };
    if (change.gone.length > 0) removeUnpublished(published, { known: new Set(change.gone), wanted });
    if (change.files.length > 0 || change.gone.length > 0) changePublished(memory, change);
    return { ...change, version: publishedVersion(memory) };
  });
}

function sameSource(a: OutputFact, b: OutputFact): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime;
}

/** Each file with the facts of its copy, the manifest last. */
function place(files: readonly OutputFact[], { work, published, memory }: PublishPlaces): readonly PublishedFile[] {
  if (files.length === 0) return [];
  const paths = manifestLast(files).map(({ path }) => path);
  stageFiles(paths, { from: work, to: published, stages: join(dirname(memory), 'stage') });
  const targets = new Map(readOutputFacts(published, paths).map((fact) => [fact.path, fact]));
  return files.flatMap((source) => {
    const target = targets.get(source.path);
    return target === undefined ? [] : [{ source, target }];
  });
}

function manifestLast(files: readonly OutputFact[]): readonly OutputFact[] {
  const manifest = files.filter(({ path }) => path === MANIFEST);
  return [...files.filter(({ path }) => path !== MANIFEST), ...manifest];
}
