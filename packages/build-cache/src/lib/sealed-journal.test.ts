import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { writeSealedFile } from './sealed-file.ts';
import { appendJournal, dropJournal, journalVersion, readJournal } from './sealed-journal.ts';

async function sealed(text = 'base') {
  const directory = await temporaryDirectory();
  const file = join(directory.path, 'sealed');
  writeSealedFile(file, text);
  return { file, journal: `${file}.journal`, [Symbol.asyncDispose]: () => directory.remove() };
}

describe('appendJournal', () => {
  it('adds texts in turn, and another version with each', async () => {
    await using at = await sealed();
    const versions = [journalVersion(at.file)];
    for (const text of ['one', '', '{"three":3}']) {
      expect(appendJournal(at.file, text)).toBe(true);
      versions.push(journalVersion(at.file));
    }
    expect(new Set(versions).size).toBe(4);
    expect(readJournal(at.file)).toEqual({ texts: ['one', '', '{"three":3}'], version: versions.at(-1) });
  });

  it('adds nothing to a file that is not there, of more than one line, or for another version', async () => {
    await using at = await sealed();
    expect(appendJournal(`${at.file}.none`, 'text')).toBe(false);
    expect(appendJournal(at.file, 'two\nlines')).toBe(false);
    const before = journalVersion(at.file);
    appendJournal(at.file, 'one');
    expect(appendJournal(at.file, 'two', before)).toBe(false);
    expect(appendJournal(at.file, 'two', journalVersion(at.file))).toBe(true);
    expect(readJournal(at.file).texts).toEqual(['one', 'two']);
  });

  it('ends where the file is better written anew', async () => {
    await using small = await sealed();
    expect(appendJournal(small.file, 'x'.repeat(65_536))).toBe(false);
    await using large = await sealed('x'.repeat(8 * 100_000));
    expect(appendJournal(large.file, 'x'.repeat(65_536))).toBe(true);
    expect(appendJournal(large.file, 'x'.repeat(65_536))).toBe(false);
  });
});

describe('readJournal', () => {
  it('loses of a torn or damaged entry only that entry, and then has no version', async () => {
    await using at = await sealed();
    appendJournal(at.file, 'one');
    const whole = await readFile(at.journal);
    for (let cut = 1; cut < whole.length; cut++) {
      await writeFile(at.journal, whole.subarray(0, cut));
      appendJournal(at.file, 'two');
      expect(readJournal(at.file)).toEqual({ texts: ['two'], version: undefined });
    }
  });

  it('knows nothing of what was added to another file of the name', async () => {
    await using at = await sealed();
    appendJournal(at.file, 'one');
    writeSealedFile(at.file, 'another');
    expect(readJournal(at.file).texts).toEqual([]);
    appendJournal(at.file, 'two');
    expect(readJournal(at.file).texts).toEqual(['two']);
    dropJournal(at.file);
    expect(readJournal(at.file)).toEqual({ texts: [], version: journalVersion(at.file) });
  });
});
