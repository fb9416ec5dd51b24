import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { openBasePins } from './base-pins.ts';
import { readLockFile, writeLockFile } from './lock-file.ts';

const ONE = `sha256:${'1'.repeat(64)}` as const;
const TWO = `sha256:${'2'.repeat(64)}` as const;

describe('the lock file', () => {
  it('is JSON that people read in a diff: full names, sorted', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'mcpgen.lock');
    const pins = openBasePins(file);
    pins.set('node:24', ONE);
    pins.set('ghcr.io/a/b', TWO);
    pins.set('alpine', ONE);
    const text = readFileSync(file, 'utf8');
    expect(text).toBe(`{
  "version": 1,
  "bases": {
    "docker.io/library/alpine:latest": "${ONE}",
    "docker.io/library/node:24": "${ONE}",
    "ghcr.io/a/b:latest": "${TWO}"
  }
}
`);
    expect(openBasePins(file).get('docker.io/library/node:24')).toBe(ONE);
    expect(openBasePins(file).get('node:25')).toBeUndefined();
  });

  it('keeps what another build locked meanwhile', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'mcpgen.lock');
    const pins = openBasePins(file);
    openBasePins(file).set('a', ONE);
    pins.set('b', TWO);
    expect([...readLockFile(file).keys()]).toEqual(['docker.io/library/a:latest', 'docker.io/library/b:latest']);
  });

  it('costs nothing but its pins where it lies beside a store and is damaged', async () => {
    await using directory = await temporaryDirectory();
    const own = join(directory.path, 'mcpgen.lock');
    const shared = join(directory.path, 'bases.lock');
    writeLockFile(own, new Map([['docker.io/library/a:latest', ONE] as const]));
    writeFileSync(shared, '{"version":1,"ba');
    expect(openBasePins(own, shared).get('a')).toBe(ONE);
    expect(openBasePins(own, directory.path).get('a')).toBe(ONE);
  });

  it('is not written where it says the same', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'mcpgen.lock');
    const bases = new Map([['a/b:1', ONE] as const]);
    writeLockFile(file, bases);
    const before = readFileSync(file);
    writeLockFile(file, new Map(bases));
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it.each([
    ['<<<<<<< HEAD\n{}', 'the marks of a merge conflict'],
    ['nonsense', 'it is not JSON'],
    ['{"version":2,"bases":{}}', 'expected "version" 1'],
    ['null', 'expected "version" 1'],
    ['{"version":1,"bases":null}', 'an object "bases"'],
    ['{"version":1,"bases":{"a:1":"sha256:x"}}', 'expected a digest for "a:1"'],
  ])('is refused with %j', async (text, problem) => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'mcpgen.lock');
    writeFileSync(file, text);
    expect(() => openBasePins(file)).toThrow(
      expect.objectContaining({ code: 'LOCK_INVALID', message: expect.stringContaining(problem) }),
    );
  });
});
