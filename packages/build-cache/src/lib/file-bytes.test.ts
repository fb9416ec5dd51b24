import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { createReader, readToEnd } from './file-bytes.ts';

describe.each([
  ['readToEnd', readToEnd],
  ['createReader', createReader()],
])('%s', (_name, read) => {
  // Shorter and longer than expected, and around the size of the buffer that files share.
  it.each([
    [0, 0],
    [0, 9],
    [5, 5],
    [5, 0],
    [5, 900],
    [65_535, 65_535],
    [65_536, 65_536],
    [65_537, 65_537],
    [300_000, 1],
  ])('gives %d bytes where %d were expected', async (bytes, expected) => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'file');
    const content = Buffer.alloc(bytes, 'content');
    await writeFile(file, content);
    const descriptor = openSync(file, 'r');
    try {
      expect(read(descriptor, expected).equals(content)).toBe(true);
    } finally {
      closeSync(descriptor);
    }
  });
});
