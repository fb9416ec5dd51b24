import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { withPublishLock } from './publish-lock.ts';

describe('withPublishLock', () => {
  it('holds the lock while it works, and not after a failure', async () => {
    await using directory = await temporaryDirectory();
    const lock = join(directory.path, 'deep/lock');
    expect(withPublishLock(lock, () => readFileSync(lock, 'utf8'))).toBe(String(process.pid));
    expect(existsSync(lock)).toBe(false);
    const fail = (): never => {
      throw new Error('full');
    };
    expect(() => withPublishLock(lock, fail)).toThrow('full');
    expect(existsSync(lock)).toBe(false);
  });

  it('takes the lock of a process that has ended', async () => {
    await using directory = await temporaryDirectory();
    const lock = join(directory.path, 'lock');
    const { pid } = spawnSync(process.execPath, ['--version']);
    await writeTree(directory.path, { lock: String(pid) });
    expect(withPublishLock(lock, () => readFileSync(lock, 'utf8'))).toBe(String(process.pid));
  });

  it('works without where none can be had', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, { file: '' });
    expect(withPublishLock(join(directory.path, 'file/lock'), () => 'done')).toBe('done');
  });
});
