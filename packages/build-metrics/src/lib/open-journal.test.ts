import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@mcpgen/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileName, readRecords, writeRecord } from './build-history.ts';
import { createRecorder } from './create-recorder.ts';
import { openJournal } from './open-journal.ts';

let directory: TemporaryDirectory;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.remove());

const facts = { id: 'b1', name: 'site', started: 1_795_000_000_000, concurrency: 2 };
const read = async () => (await readRecords(directory.path)).records;

/** A clock of which a second passes between any two readings: every line is written at once. */
function slowClock() {
  let time = 0;
  return () => {
    time += 1000;
    return time;
  };
}

describe('openJournal', () => {
  it('leaves a readable record of a build that was killed, with what was running', async () => {
    const script = new URL('../../test/journal-and-hang.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--conditions=@mcpgen/source', script, directory.path]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await readRecords(directory.path)).skipped).toEqual([]);
    expect(await read()).toMatchObject([
      {
        version: 1,
        id: 'killed',
        outcome: 'cancelled',
        labels: { branch: 'main' },
        spans: [
          { name: 'page:home', outcome: 'ran', needs: ['template'], reason: 'home.md changed' },
          { name: 'compress', parent: 0, outcome: 'ran', bytes: 2048 },
          { name: 'sitemap', outcome: 'cancelled', needs: ['page:home'] },
        ],
      },
    ]);
  });

  it('gives its place to the record', async () => {
    const journal = openJournal(directory.path, facts);
    const recorder = createRecorder({ now: slowClock(), journal });
    recorder.end(recorder.start('a'));
    await writeRecord(directory.path, recorder.record(facts));
    recorder.start('too late');
    journal.close();
    expect(await read()).toMatchObject([{ id: 'b1', outcome: 'succeeded', spans: [{ name: 'a' }] }]);
    expect(readdirSync(directory.path)).toHaveLength(1);
  });

  it('is forgotten when it is discarded, and takes nothing after its end', async () => {
    const journal = openJournal(directory.path, facts);
    journal.discard();
    journal.append('{}\n');
    expect(await read()).toEqual([]);
  });

  it('loses with a damaged line what it says, with the parts of its step, and no more', async () => {
    const journal = openJournal(directory.path, facts);
    const recorder = createRecorder({ now: slowClock(), journal });
    const lost = recorder.start('lost');
    recorder.end(recorder.start('part', { parent: lost }));
    recorder.end(recorder.start('kept'));
    journal.close();
    const file = join(directory.path, fileName(facts));
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(
      file,
      lines.map((line) => (line.includes('"lost"') ? line.replace('start', 'st\0rt') : line)).join('\n'),
    );
    const { records, skipped } = await readRecords(directory.path);
    expect(records[0]?.spans.map(({ name }) => name)).toEqual(['kept']);
    expect(skipped).toEqual([{ file, line: 2, reason: expect.stringMatching(/JSON/) }]);
  });

  it('is skipped whole where its first line is damaged', async () => {
    const journal = openJournal(directory.path, facts);
    journal.close();
    const file = join(directory.path, fileName(facts));
    writeFileSync(file, readFileSync(file, 'utf8').replace('"id"', '"iD"'));
    const { records, skipped } = await readRecords(directory.path);
    expect(records).toEqual([]);
    expect(skipped).toMatchObject([{ line: 1, reason: 'Cannot read build record: "id" is not a string' }]);
  });

  it('says when it cannot be begun', () => {
    writeFileSync(join(directory.path, 'file'), '');
    expect(() => openJournal(join(directory.path, 'file'), facts)).toThrow(
      expect.objectContaining({ code: 'HISTORY_UNWRITABLE' }),
    );
  });
});
