import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

/** A small file system in memory, where this machine lets a test mount one. */
function smallDisk(directory: string, size: string): (() => void) | undefined {
  mkdirSync(directory, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', directory], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return () => execFileSync('umount', [directory]);
}

async function withSmallDisk(path: string, size: string, use: (rig: CliRig) => Promise<void>): Promise<void> {
  await using rig = await cliRig();
  const unmount = smallDisk(join(rig.directory, path), size);
  if (unmount === undefined) {
    process.stderr.write(`skipped: a full disk at ${path}: this machine lets no test mount a file system\n`);
    return;
  }
  try {
    await use(rig);
  } finally {
    unmount();
  }
}

describe('mcpgen build on a disk that is full', () => {
  it('says so, and leaves no part of a server in the output', async () => {
    await withSmallDisk('dist', '300k', async (rig) => {
      const ran = await rig.run(['build', '--no-image', '--json']);
      expect(ran.code).toBe(3);
      expect(ran.json()).toMatchObject({
        code: 'ENOSPC',
        message: expect.stringMatching(/^Cannot write ".*dist\/server.*": no space left/),
      });
      expect(readdirSync(join(rig.directory, 'dist'))).toEqual([]);
    });
  });

  it('leaves the server that was there before', async () => {
    await withSmallDisk('dist', '1200k', async (rig) => {
      expect((await rig.run(['build', '--no-image'])).code).toBe(0);
      const before = rig.read('dist/server/lists/tools.json');
      fill(join(rig.directory, 'dist/filler'));
      await rig.write({ 'tools/echo.ts': ECHO.replace('Says', 'Repeats') });
      expect((await rig.run(['build', '--no-image'])).code).toBe(3);
      expect(rig.read('dist/server/lists/tools.json')).toBe(before);
      rmSync(join(rig.directory, 'dist/filler'));
      expect((await rig.run(['build', '--no-image'])).code).toBe(0);
      expect(rig.read('dist/server/lists/tools.json')).toContain('Repeats');
    });
  });
});

/** Takes all that is left. */
function fill(path: string): void {
  for (let size = 1_000_000; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // Full for this size: a smaller one may fit.
    }
  }
}
