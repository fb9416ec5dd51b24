import { execFile } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TemporaryDirectory, temporaryDirectory } from '@mcpgen/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordOf } from '../../test/record-of.ts';
import { readRecords, writeRecord } from './record-history.ts';

let root: TemporaryDirectory;
let directory: string;
let current: string;

beforeEach(async () => {
  root = await temporaryDirectory();
  directory = join(root.path, 'deep', 'history');
  current = join(directory, 'builds.jsonl');
});
afterEach(() => root.remove());

const build = (id: string, started = 1) => recordOf([{ name: 'a', start: 0, end: 1 }], { id, started });
const ids = async () => (await readRecords(directory)).records.map(({ id }) => id);

describe('readRecords', () => {
  it('finds none where nothing was written', async () => {
    expect(await readRecords(directory)).toEqual({ records: [], skipped: [] });
  });

  it('gives back what was written, oldest first', async () => {
    for (const record of [build('a', 1), build('c', 3), build('b', 2)]) await writeRecord(directory, record);
    expect(await ids()).toEqual(['a', 'b', 'c']);
    expect((await readRecords(directory)).records[0]).toEqual(build('a', 1));
  });

  it('loses of a damaged history only the damaged lines, and tells which', async () => {
    await writeRecord(directory, build('a', 1));
    await appendFile(current, `${JSON.stringify(build('torn')).slice(0, 40)}`);
    await writeRecord(directory, build('b', 2));
    await appendFile(current, `${JSON.stringify({ ...build('later'), version: 2 })}\n[]\n`);
    await writeRecord(directory, build('c', 3));
    expect(await ids()).toEqual(['a', 'b', 'c']);
    expect((await readRecords(directory)).skipped).toEqual([
      { file: current, line: 3, reason: expect.stringContaining('JSON') },
      { file: current, line: 5, reason: 'Cannot read build record: version 2 is not 1' },
      { file: current, line: 6, reason: 'Cannot read build record: it is not an object' },
    ]);
  });

  it('says when the history cannot be read at all', async () => {
    await mkdir(current, { recursive: true });
    await expect(readRecords(directory)).rejects.toMatchObject({ code: 'HISTORY_UNREADABLE', path: current });
  });
});

describe('writeRecord', () => {
  it('keeps every record of builds that end at the same time', async () => {
    const script = new URL('../../test/append-records.ts', import.meta.url).pathname;
    const run = promisify(execFile);
    const fileBytes = String(64 * 1024);
    await Promise.all(
      ['p', 'q', 'r', 's'].map((name) => run(process.execPath, [script, directory, name, '25', fileBytes])),
    );
    const { records, skipped } = await readRecords(directory);
    expect(skipped).toEqual([]);
    expect(new Set(records.map(({ id }) => id)).size).toBe(100);
    expect((await readdir(directory)).length).toBeGreaterThan(1);
  });

  it('sets full files aside, and keeps so many of them', async () => {
    for (let at = 1; at <= 9; at += 1) await writeRecord(directory, build(`b/${at}`, at), { fileBytes: 1, files: 3 });
    expect(await readdir(directory)).toHaveLength(3);
    expect(await ids()).toEqual(['b/7', 'b/8', 'b/9']);
  });

  it('leaves other files of the directory alone', async () => {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'builds-notes.jsonl'), 'mine');
    for (let at = 1; at <= 3; at += 1) await writeRecord(directory, build(`${at}`, at), { fileBytes: 1, files: 1 });
    expect(await readFile(join(directory, 'builds-notes.jsonl'), 'utf8')).toBe('mine');
    expect(await ids()).toEqual(['3']);
  });

  it('says when the history cannot be written', async () => {
    await writeFile(join(root.path, 'deep'), 'a file is in the way');
    await expect(writeRecord(directory, build('a'))).rejects.toMatchObject({
      code: 'HISTORY_UNWRITABLE',
      path: current,
    });
  });
});
