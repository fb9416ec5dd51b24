import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileName } from './build-history.ts';
import type { BuildFacts, SpanJournal } from './create-recorder.ts';
import { historyUnwritable } from './errors.ts';
import { headLine } from './journal-lines.ts';

/** The journal of a build that runs. A resource: close it, or discard it. */
export interface Journal extends SpanJournal {
  /** The build ended otherwise than by a record: what was written stays and is read as a cancelled build. */
  close(): void;
  /** The build is not to be remembered. */
  discard(): void;
}

/**
 * Begins the journal of a build in the history that `writeRecord` adds to: lines are appended while the build runs and read
 * by `readRecords` if it is killed. The record, under the same `id` and `started`, takes the journal's place.
 *
 * @throws MetricsError HISTORY_UNWRITABLE when it cannot be begun. Lines that cannot be written later are left out.
 */
export function openJournal(directory: string, facts: BuildFacts): Journal {
  const path = join(directory, fileName(facts));
  let file: number | undefined = begin(directory, path, facts);
  const close = () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return {
    append: (lines) => {
      if (file === undefined) return;
      try {
        // Half a line would take the next one with it.
        if (writeSync(file, lines) < Buffer.byteLength(lines)) close();
      } catch {
        // A full disk must not fail the build; the record at its end tells.
        close();
      }
    },
    close,
    discard: () => {
      close();
      rmSync(path, { force: true });
    },
  };
}

function begin(directory: string, path: string, facts: BuildFacts): number {
  try {
    mkdirSync(directory, { recursive: true });
    const file = openSync(path, 'a');
    writeSync(file, headLine(facts));
    return file;
  } catch (error) {
    throw historyUnwritable(path, error);
  }
}
