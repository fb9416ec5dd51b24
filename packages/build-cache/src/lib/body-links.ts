import { linkSync, lstatSync, type Stats } from 'node:fs';
import type { BodyVerifier } from './body-store.ts';
import type { CachedFile } from './cache.ts';
import { type Digest, isDigest } from './digest.ts';
import { NO_LINKS } from './entry-store.ts';
import { codeOf } from './errors.ts';
import { emptyFacts, sameAsRow, setFacts } from './fact-rows.ts';
import { openFileClock } from './file-clock.ts';
import { factsOf } from './file-facts.ts';
import { checkAt, type StoredEntry } from './manifest.ts';
import { readSealedColumns, writeSealedColumns } from './sealed-columns.ts';
import type { Store } from './store.ts';
import { bodyPath, linksPath } from './store-layout.ts';

/** Hard links to bodies instead of copies of them, for one restore of an entry. */
export interface BodyLinks {
  /** False where the body must not be linked: it is to be copied then, which finds out what it is. */
  link(file: CachedFile, row: number, destination: string): boolean;
  /** The path of a file whose body was written to since it was linked; to be asked before anything is in its place. */
  findChanged(): string | undefined;
  /** Keeps what the file system says of the linked bodies, for the next restore. */
  remember(): void;
}

const FORMAT = 1;

/** The mode of a body: of an executable, a link would have the wrong one. */
const READ_ONLY = 0o444;

/** A body that was linked, and what the file system said of it before. */
interface Linked {
  readonly row: number;
  readonly file: CachedFile;
  readonly before: Stats;
}

/**
 * A body with links outside of the store can be written to by anyone. So it is read and verified before it is linked,
 * unless the file system says of it what it said when this entry linked it last, and that was not within the tick of a
 * clock. Every write that has happened since shows in that; so does every link that was made or removed since, which then
 * costs a read.
 */
export function openBodyLinks(store: Store, stored: StoredEntry, isWhole: BodyVerifier): BodyLinks {
  const { entry } = stored;
  const file = linksPath(store.layout, entry.key);
  const clock = openFileClock(file, store.now);
  const known = readFacts(file, stored);
  const facts = emptyFacts(entry.files.length);
  const linked: Linked[] = [];
  /** Bodies that this restore has linked: the files of an entry may have them in common. */
  const seen = new Map<Digest, Stats>();
  let possible = true;
  const isSafe = (body: CachedFile, row: number, stats: Stats): boolean => {
    if (!stats.isFile() || body.mode !== 0o644 || (stats.mode & 0o7777) !== READ_ONLY) return false;
    const before = seen.get(body.digest);
    if (before !== undefined) return isSameButLinks(before, stats);
    return sameAsRow(known, row, stats) || (clock.isSettled(factsOf(stats)) && isWhole(body, checkAt(stored, row)));
  };
  return {
    link: (body, row, destination) => {
      if (!possible) return false;
      const source = bodyPath(store.layout, body.digest);
      try {
        const before = lstatSync(source, { throwIfNoEntry: false });
        if (before === undefined || !isSafe(body, row, before)) return false;
        linkSync(source, destination);
        linked.push({ row, file: body, before });
        seen.set(body.digest, before);
        return true;
      } catch (error) {
        // What the copy says counts. No more links where the file system has none.
        possible = !NO_LINKS.has(codeOf(error) ?? '');
        return false;
      }
    },
    findChanged: () => {
      for (const { row, file: body, before } of linked) {
        const stats = lstatSync(bodyPath(store.layout, body.digest), { throwIfNoEntry: false });
        if (stats === undefined || !isSameButLinks(before, stats)) {
          if (stats === undefined || !isWhole(body, checkAt(stored, row))) return body.path;
        } else if (clock.isSettled(factsOf(stats))) {
          setFacts(facts, row, factsOf(stats));
        }
      }
      return undefined;
    },
    remember: () => {
      if (linked.length === 0) return;
      try {
        writeSealedColumns(file, FORMAT, { head: { json: { output: entry.output } }, facts });
      } catch {
        // The next restore reads them.
      }
    },
  };
}

/** A link changes the ctime, and nothing else that matters. */
function isSameButLinks(before: Stats, stats: Stats): boolean {
  return (
    before.ino === stats.ino &&
    before.size === stats.size &&
    before.mtimeMs === stats.mtimeMs &&
    before.mode === stats.mode
  );
}

function readFacts(file: string, { entry }: StoredEntry): Float64Array {
  const none = emptyFacts(entry.files.length);
  const columns = readSealedColumns(file, FORMAT);
  if (columns === undefined) return none;
  const head = columns.json('head');
  const output = typeof head === 'object' && head !== null && 'output' in head ? head.output : undefined;
  const facts = columns.numbers('facts');
  // Another entry may have had this key: its rows are those of other bodies.
  return isDigest(output) && output === entry.output && facts.length === none.length ? facts : none;
}
