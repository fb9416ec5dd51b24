import { jsonText, readSealedColumns, type SealedColumns, writeSealedColumns } from '@mcpgen/build-cache';
import type { BuildRecord, KeptRecord, RecordChange, WatchedDirectory } from './build-record.ts';
import { changeTable, type FactTable } from './fact-table.ts';

const FORMAT = 3;

/** A record whose files are in tables. */
export interface RecordColumns extends Omit<BuildRecord, 'files' | 'outputs'> {
  readonly files: FactTable;
  readonly outputs: readonly { readonly directory: string; readonly facts: FactTable }[];
}

/** What a record has besides its tables. */
interface RecordHead {
  readonly identity: string;
  readonly directories: readonly WatchedDirectory[];
  /** Directories of outputs. */
  readonly outputs: readonly string[];
}

/**
 * Replaces a record, as columns:
 *
 *     head         {"identity":"…","directories":[…],"outputs":["dist/server"]}
 *     files        tools/echo.ts                 lines, and in `fileFacts` five numbers for each
 *     outputs 0    main.js                       of the first directory of outputs, and `facts 0`
 *     summary      {"steps":3}
 *
 * Throws what the file system throws.
 */
export function writeRecordColumns(
  file: string,
  { identity, files, directories, outputs, summary }: RecordColumns,
): void {
  const head: RecordHead = { identity, directories, outputs: outputs.map(({ directory }) => directory) };
  const tables = outputs.flatMap(({ facts: { paths, facts } }, index) => [
    [`outputs ${index}`, paths] as const,
    [`facts ${index}`, facts] as const,
  ]);
  writeSealedColumns(file, FORMAT, {
    head: { json: head },
    files: files.paths,
    fileFacts: files.facts,
    ...Object.fromEntries(tables),
    summary: Buffer.from(jsonText(summary, 'summary')),
  });
}

/**
 * A record with the changes that were added to it since; `undefined` when there is none, it is damaged, or it is of another format.
 * Most builds differ in what they read: the rest is decoded when it is asked for.
 */
export function readRecordColumns(
  file: string,
  { version, changes }: { readonly version: string; readonly changes: readonly RecordChange[] },
): KeptRecord | undefined {
  const columns = readSealedColumns(file, FORMAT);
  if (columns === undefined) return undefined;
  // The seal and the format vouch for what it is.
  const { identity, directories, outputs } = columns.json('head') as RecordHead;
  const files = tableOf(columns, 'files', 'fileFacts');
  return {
    version,
    identity,
    directories,
    files: changeTable(
      files,
      changes.map((change) => ({ rows: change.files })),
    ),
    get outputs() {
      return outputs.map((directory, index) => ({
        directory,
        facts: changeOutputs(tableOf(columns, `outputs ${index}`, `facts ${index}`), directory, changes),
      }));
    },
    get summary() {
      return columns.json('summary');
    },
    later: changes.map(({ summary }) => summary),
  };
}

function changeOutputs(table: FactTable, directory: string, changes: readonly RecordChange[]): FactTable {
  const own = changes.flatMap(({ outputs }) => outputs.filter((changed) => changed.directory === directory));
  return changeTable(
    table,
    own.map(({ facts, gone }) => ({ rows: facts.map((fact) => ({ path: fact.path, facts: fact })), gone })),
  );
}

function tableOf(columns: SealedColumns, paths: string, facts: string): FactTable {
  return { paths: columns.texts(paths), facts: columns.numbers(facts) };
}
