import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { outputsInPlace, readOutputFacts } from './output-facts.ts';

describe('outputsInPlace', () => {
  it('is true until an output is edited, touched or gone', async () => {
    for (const change of [
      (file: string) => writeFile(file, 'B'),
      (file: string) => utimes(file, 1, 1),
      (file: string) => rm(file),
    ]) {
      await using directory = await temporaryDirectory();
      await writeTree(directory.path, { 'a.js': 'a', 'deep/b.js': 'b' });
      const facts = readOutputFacts(directory.path, ['a.js', 'deep/b.js']);
      expect(outputsInPlace(directory.path, facts)).toBe(true);
      await change(join(directory.path, 'deep/b.js'));
      expect(outputsInPlace(directory.path, facts)).toBe(false);
    }
  });

  it('is true of a step without outputs', () => {
    expect(outputsInPlace('/nowhere', [])).toBe(true);
  });
});
