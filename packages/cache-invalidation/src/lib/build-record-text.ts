import { jsonText } from '@mcpgen/build-cache';
import type { BuildRecord, WatchedDirectory, WatchedFile, WatchedOutputs } from './build-record.ts';
import type { FileFacts } from './file-facts.ts';

const FORMAT = 2;

/** Numbers of one file: size, mtime, ctime, ino, mode. */
const FACTS = 5;

/** The size that stands for a file that was not there. */
const ABSENT = -1;

/** Paths, and their facts in one list: thousands of objects take several times as long to write and to read. */
interface FileColumns {
  readonly paths: readonly string[];
  readonly facts: readonly number[];
}

interface RecordHead {
  readonly format: number;
  readonly identity: string;
  readonly files: FileColumns;
  readonly directories: readonly WatchedDirectory[];
}

/**
 * A record as three lines: what a build read, what it left, and what it had to say.
 *
 *     {"format":2,"identity":"…","files":{"paths":["tools/echo.ts",…],"facts":[812,…]},"directories":[…]}
 *     [{"directory":"dist/server","paths":["main.js",…],"facts":[91,…]}]
 *     {"steps":3}
 */
export function encodeRecord({ identity, files, directories, outputs, summary }: BuildRecord): string {
  const head: RecordHead = { format: FORMAT, identity, files: toColumns(files), directories };
  const left = outputs.map(({ directory, facts }) => ({
    directory,
    ...toColumns(facts.map((fact) => ({ path: fact.path, facts: fact }))),
  }));
  return [JSON.stringify(head), JSON.stringify(left), jsonText(summary, 'summary')].join('\n');
}

/** Most builds differ in what they read: the rest stays text until it is asked for. `undefined` for another format. */
export function decodeRecord(text: string): BuildRecord | undefined {
  const [first = '', second = '', third = ''] = text.split('\n');
  const head = parseHead(first);
  if (head === undefined) return undefined;
  return {
    identity: head.identity,
    files: fromColumns(head.files),
    directories: head.directories,
    get outputs() {
      return parseOutputs(second);
    },
    get summary(): unknown {
      return JSON.parse(third);
    },
  };
}

function toColumns(files: readonly WatchedFile[]): FileColumns {
  const facts: number[] = [];
  for (const { facts: own } of files) {
    if (own === null) facts.push(ABSENT, 0, 0, 0, 0);
    else facts.push(own.size, own.mtime, own.ctime, own.ino, own.mode);
  }
  return { paths: files.map(({ path }) => path), facts };
}

function fromColumns({ paths, facts }: FileColumns): WatchedFile[] {
  return paths.map((path, row) => ({ path, facts: facts[row * FACTS] === ABSENT ? null : readFacts(facts, row) }));
}

function readFacts(facts: readonly number[], row: number): FileFacts {
  const number = (offset: number): number => facts[row * FACTS + offset] ?? Number.NaN;
  return { size: number(0), mtime: number(1), ctime: number(2), ino: number(3), mode: number(4) };
}

/** The seal proves that `encodeRecord` wrote this line, and the format what is in it. */
function parseHead(line: string): RecordHead | undefined {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('format' in value)) return undefined;
  return value.format === FORMAT ? (value as RecordHead) : undefined;
}

/** Likewise. */
function parseOutputs(line: string): WatchedOutputs[] {
  const outputs = JSON.parse(line) as readonly (FileColumns & { readonly directory: string })[];
  return outputs.map(({ directory, paths, facts }) => ({
    directory,
    facts: paths.map((path, row) => ({ path, ...readFacts(facts, row) })),
  }));
}
