import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

describe('temporaryDirectory', () => {
  it('is there inside the block and gone after it', async () => {
    let path: string;
    {
      await using directory = await temporaryDirectory();
      path = directory.path;
      await writeFile(join(path, 'a'), 'a');
      expect(existsSync(path)).toBe(true);
    }
    expect(existsSync(path)).toBe(false);
  });

  it('gives another directory each time', async () => {
    await using a = await temporaryDirectory();
    await using b = await temporaryDirectory();
    expect(a.path).not.toBe(b.path);
  });

  it('can be removed twice', async () => {
    const directory = await temporaryDirectory();
    await directory.remove();
    await directory.remove();
    expect(existsSync(directory.path)).toBe(false);
  });
});
