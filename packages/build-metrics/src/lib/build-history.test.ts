import { execFile } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TemporaryDirectory, temporaryDirectory } from '@mcpgen/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { fileName, readRecords, writeRecord } from './build-history.ts';

let root: TemporaryDirectory;
let directory: string;

beforeEach(async () => {
  root = await temporaryDirectory();
  directory = join(root.path, 'deep', 'history');
});
afterEach(() => root.remove());

const DAY = 24 * 60 * 60 * 1000;
const build = (id: string, started = 1) => recordOf([{ name: 'a', start: 0, end: 1 }], { id, started });
const fileOf = (id: string, started: number) => join(directory, fileName({ id, started }));
const ids = async (last?: number) =>
  (await readRecords(directory, last === undefined ? {} : { last })).records.map(({ id }) => id);

describe('readRecords', () => {
  it('finds none where nothing was written', async () => {
    expect(await readRecords(directory)).toEqual({ records: [], skipped: [] });
  });

  it('gives back what was written, oldest first', async () => {
    for (const record of [build('a', 1), build('c', 3), build('b', 2)]) await writeRecord(directory, record);
    expect(await ids()).toEqual(['a', 'b', 'c']);
    expect((await readRecords(directory)).records[0]).toEqual(build('a', 1));
  });

  it('gives the latest alone, not counting what cannot be read', async () => {
    for (const [at, id] of ['a', 'b', 'c', 'd'].entries()) await writeRecord(directory, build(id, at + 1));
    await writeFile(fileOf('d', 4), '{');
    expect(await ids(2)).toEqual(['b', 'c']);
  });

  it('loses of a damaged history only the damaged lines, and tells which', async () => {
    for (const [at, id] of ['a', 'b', 'c'].entries()) await writeRecord(directory, build(id, at + 1));
    await writeFile(fileOf('a', 1), JSON.stringify(build('a')).slice(0, 40));
    await appendFile(fileOf('b', 2), `${JSON.stringify({ ...build('later'), version: 2 })}\n[]\n`);
    expect(await ids()).toEqual(['b', 'c']);
    expect((await readRecords(directory)).skipped).toEqual([
      { file: fileOf('a', 1), line: 1, reason: expect.stringContaining('JSON') },
      { file: fileOf('b', 2), line: 3, reason: 'Cannot read build record: it is not an object' },
      { file: fileOf('b', 2), line: 2, reason: 'Cannot read build record: version 2 is not 1' },
    ]);
  });

  it('reads records of the first form of version 1, which knew less', async () => {
    await mkdir(directory, { recursive: true });
    const old = await readFile(new URL('../../test/first-form.v1.json', import.meta.url), 'utf8');
    await writeFile(fileOf('old', 1), JSON.stringify(JSON.parse(old)));
    expect((await readRecords(directory)).records).toEqual([JSON.parse(old)]);
  });

  it('says when the history cannot be read at all', async () => {
    await mkdir(fileOf('a', 1), { recursive: true });
    await expect(readRecords(directory)).rejects.toMatchObject({ code: 'HISTORY_UNREADABLE', path: fileOf('a', 1) });
    await writeFile(join(root.path, 'file'), '');
    await expect(readRecords(join(root.path, 'file'))).rejects.toMatchObject({ code: 'HISTORY_UNREADABLE' });
  });
});

describe('writeRecord', () => {
  it('keeps every record of builds that end at the same time, also while others prune', async () => {
    const script = new URL('../../test/append-records.ts', import.meta.url).pathname;
    const run = promisify(execFile);
    await Promise.all(
      ['1', '2', '3'].map((name) =>
        run(process.execPath, ['--conditions=@mcpgen/source', script, directory, name, '40', '90']),
      ),
    );
    const { records, skipped } = await readRecords(directory);
    expect(skipped).toEqual([]);
    expect(records.length).toBe(90);
    expect(new Set(records.map(({ id }) => id)).size).toBe(90);
    // The latest thirty of each.
    expect(Math.min(...records.map(({ started }) => started))).toBe(1_795_000_000_010);
  });

  it('keeps as many as it should, the latest', async () => {
    for (let at = 1; at <= 5; at += 1) await writeRecord(directory, build(`b/${at}`, at), { runs: 3 });
    expect(await ids()).toEqual(['b/3', 'b/4', 'b/5']);
  });

  it('removes what is older than it should be, by the time of the builds', async () => {
    const now = 1_795_000_000_000;
    await writeRecord(directory, build('old', now - 8 * DAY));
    await writeRecord(directory, build('young', now - 6 * DAY));
    await writeRecord(directory, build('now', now), { age: 7 * DAY });
    expect(await ids()).toEqual(['young', 'now']);
  });

  it('takes the place of an earlier record of the same build', async () => {
    await writeRecord(directory, build('a', 1));
    await writeRecord(directory, { ...build('a', 1), outcome: 'failed' });
    expect((await readRecords(directory)).records).toMatchObject([{ id: 'a', outcome: 'failed' }]);
  });

  it('removes what a killed process left half written, in time, and no file of others', async () => {
    const half = join(directory, '.000000000000001-0123456789abcdef.7.tmp');
    await mkdir(directory, { recursive: true });
    await writeFile(half, '{');
    await writeFile(join(directory, 'notes.jsonl'), 'mine');
    const now = 1_795_000_000_000;
    await utimes(half, now / 1000, now / 1000);
    await writeRecord(directory, build('a', now), { runs: 1 });
    expect(await readdir(directory)).toContain('.000000000000001-0123456789abcdef.7.tmp');
    await writeRecord(directory, build('b', now + 2 * DAY), { runs: 1 });
    expect((await readdir(directory)).sort()).toEqual(
      [fileName({ id: 'b', started: now + 2 * DAY }), 'notes.jsonl'].sort(),
    );
  });

  it('says when the history cannot be written', async () => {
    await writeFile(join(root.path, 'deep'), 'a file is in the way');
    await expect(writeRecord(directory, build('a'))).rejects.toMatchObject({
      code: 'HISTORY_UNWRITABLE',
      path: fileOf('a', 1),
    });
  });
});
