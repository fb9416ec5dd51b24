import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { chmod, cp, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type FileFacts, openFileClock } from '@mcpgen/build-cache';
import {
  checkUnchanged,
  openStatCache,
  readBuildRecord,
  readOutputFacts,
  type StatCache,
  watchDirectories,
  watchFiles,
  writeBuildRecord,
} from '@mcpgen/cache-invalidation';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const FILES = { 'tools/a.ts': 'one', 'tools/b.ts': 'two', 'lib/c.ts': 'three' };

interface Checkout extends AsyncDisposable {
  readonly root: string;
  path(name: string): string;
  open(): StatCache;
  /** Whether a build would find all as the record has it. */
  unchanged(root?: string): boolean;
}

/** A project whose files are old enough to be believed, and a record of its last build. */
async function recorded(): Promise<Checkout> {
  const directory = await temporaryDirectory('mcpgen-hard-');
  const root = join(directory.path, 'project');
  await writeTree(root, { ...FILES, 'dist/out.js': 'out' });
  // Whole milliseconds, which can be set again exactly.
  const written = new Date('2026-01-01');
  for (const name of [...Object.keys(FILES), 'dist/out.js']) utimesSync(join(root, name), written, written);
  symlinkSync('../lib/c.ts', join(root, 'tools/link.ts'));
  const path = (name: string): string => join(root, name);
  const open = (): StatCache => openStatCache({ file: path('.cache/stat'), root, now: Date.now });
  const names = [...Object.keys(FILES), 'tools/link.ts', 'mcpgen.config.ts'];
  for (;;) {
    const cache = open();
    for (const name of names.slice(0, -1)) cache.digest(path(name));
    cache.save();
    const files = watchFiles(cache, root, names);
    if (files === undefined) continue;
    const directories = watchDirectories(root, ['tools']);
    const outputs = [{ directory: 'dist', facts: readOutputFacts(path('dist'), ['out.js']) }];
    writeBuildRecord(path('.cache/record'), { identity: 'same', files, directories, outputs, summary: null });
    break;
  }
  const unchanged = (at = root): boolean => {
    const record = readBuildRecord(join(at, '.cache/record'));
    return record !== undefined && checkUnchanged(record, at, 'same').unchanged;
  };
  return { root, path, open, unchanged, [Symbol.asyncDispose]: directory[Symbol.asyncDispose] };
}

/** Writes a file and sets its mtime back to what it was: what is left to tell is the ctime, or nothing within a tick. */
function writeBehindTheBack(file: string, text: string): void {
  const { atime, mtime } = statSync(file);
  writeFileSync(file, text);
  utimesSync(file, atime, mtime);
}

describe('what a build is asked after', () => {
  it('is unchanged where nothing was done', async () => {
    await using p = await recorded();
    expect(p.unchanged()).toBe(true);
  });

  const edits: readonly (readonly [string, (p: Checkout) => void])[] = [
    ['an edit of the same size with its mtime set back', (p) => writeBehindTheBack(p.path('tools/a.ts'), 'ONE')],
    [
      'a file replaced by another of the same size and mtime',
      (p) => {
        const { atime, mtime } = statSync(p.path('tools/a.ts'));
        writeFileSync(p.path('new'), 'ONE');
        utimesSync(p.path('new'), atime, mtime);
        renameSync(p.path('new'), p.path('tools/a.ts'));
      },
    ],
    [
      'two files that change places',
      (p) => {
        renameSync(p.path('tools/a.ts'), p.path('x'));
        renameSync(p.path('tools/b.ts'), p.path('tools/a.ts'));
        renameSync(p.path('x'), p.path('tools/b.ts'));
      },
    ],
    ['a file whose target behind a link changed', (p) => writeBehindTheBack(p.path('lib/c.ts'), 'THREE')],
    [
      'a link that leads elsewhere',
      (p) => {
        rmSync(p.path('tools/link.ts'));
        symlinkSync('a.ts', p.path('tools/link.ts'));
      },
    ],
    [
      'a link that leads nowhere',
      (p) => {
        rmSync(p.path('tools/link.ts'));
        symlinkSync('nowhere.ts', p.path('tools/link.ts'));
      },
    ],
    [
      'a link in the place of a file',
      (p) => {
        renameSync(p.path('tools/a.ts'), p.path('lib/moved.ts'));
        symlinkSync('../lib/moved.ts', p.path('tools/a.ts'));
        // What it leads to is the same file: nothing has changed but the names, and those that moved are seen there.
        writeFileSync(p.path('tools/new.ts'), '');
      },
    ],
    [
      'a directory in the place of a file',
      (p) => {
        rmSync(p.path('tools/a.ts'));
        mkdirSync(p.path('tools/a.ts'));
      },
    ],
    [
      'a file in the place of a directory',
      (p) => {
        rmSync(p.path('lib'), { recursive: true });
        writeFileSync(p.path('lib'), '');
      },
    ],
    ['a file that is gone', (p) => rmSync(p.path('tools/a.ts'))],
    ['a file that is new in a directory that is looked into', (p) => writeFileSync(p.path('tools/new.ts'), 'new')],
    ['a name that differs by case alone', (p) => renameSync(p.path('tools/a.ts'), p.path('tools/A.ts'))],
    ['a file that was looked for and is there now', (p) => writeFileSync(p.path('mcpgen.config.ts'), '')],
    ['an output that was edited', (p) => writeBehindTheBack(p.path('dist/out.js'), 'OUT')],
    [
      'an output that is a link now',
      (p) => {
        renameSync(p.path('dist/out.js'), p.path('dist/moved.js'));
        symlinkSync('moved.js', p.path('dist/out.js'));
      },
    ],
  ];

  it.each(edits)('sees %s', async (_, edit) => {
    await using p = await recorded();
    edit(p);
    expect(p.unchanged()).toBe(false);
  });

  it('is unchanged in a checkout that was moved, and changed in a copy, whose files may be others', async () => {
    await using p = await recorded();
    const moved = `${p.root}-moved`;
    await rename(p.root, moved);
    expect(p.unchanged(moved)).toBe(true);
    const copied = `${p.root}-copied`;
    await cp(moved, copied, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    expect(p.unchanged(copied)).toBe(false);
  });

  it('sees an edit after the clock was set back by a year, or ahead', async () => {
    await using p = await recorded();
    for (const year of [2000, 2099]) {
      writeFileSync(p.path('tools/a.ts'), `${year}`);
      utimesSync(p.path('tools/a.ts'), new Date(`${year}-01-01`), new Date(`${year}-01-01`));
      expect(p.unchanged()).toBe(false);
      expect(p.open().digest(p.path('tools/a.ts'))).toBe(digestOf(`${year}`));
    }
  });
});

describe('the digest of a file', () => {
  it.each([
    ['a directory', (p: Checkout) => mkdirSync(p.path('tools/a.ts')), 'NOT_A_FILE'],
    ['a link to itself', (p: Checkout) => symlinkSync('a.ts', p.path('tools/a.ts')), 'FILE_UNREADABLE'],
    ['a link to nothing', (p: Checkout) => symlinkSync('none', p.path('tools/a.ts')), 'FILE_UNREADABLE'],
    ['nothing', () => {}, 'FILE_UNREADABLE'],
  ])('is refused, and not remembered, where %s is in its place', async (_, replace, code) => {
    await using p = await recorded();
    rmSync(p.path('tools/a.ts'));
    replace(p);
    const cache = p.open();
    expect(() => cache.digest(p.path('tools/a.ts'))).toThrow(expect.objectContaining({ code }));
    expect(cache.indexed(p.path('tools/a.ts'))).toBeUndefined();
    cache.save();
    rmSync(p.path('tools/a.ts'), { recursive: true, force: true });
    writeFileSync(p.path('tools/a.ts'), 'back');
    expect(p.open().digest(p.path('tools/a.ts'))).toBe(digestOf('back'));
  });

  it.skipIf(process.getuid?.() === 0)('is refused of a file that may not be read, until it may', async () => {
    await using p = await recorded();
    writeFileSync(p.path('tools/a.ts'), 'secret');
    await chmod(p.path('tools/a.ts'), 0);
    expect(() => p.open().digest(p.path('tools/a.ts'))).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    await chmod(p.path('tools/a.ts'), 0o600);
    expect(p.open().digest(p.path('tools/a.ts'))).toBe(digestOf('secret'));
  });

  it('keeps names apart that differ by case or by normalisation', async () => {
    await using p = await recorded();
    const names = ['\u00e9.ts', 'e\u0301.ts', 'a.ts', 'A.ts'];
    // One file where the file system takes two of them for one: what is there counts, not what was written.
    for (const [index, name] of names.entries()) writeFileSync(p.path(name), `content ${index}`);
    for (const run of [1, 2]) {
      const cache = p.open();
      for (const name of names) {
        expect([run, name, cache.digest(p.path(name))]).toEqual([run, name, digestOf(await readFile(p.path(name)))]);
      }
      cache.save();
    }
  });

  it('takes what two names of one file say for what the file says', async () => {
    await using p = await recorded();
    const cache = p.open();
    expect(cache.digest(p.path('tools/link.ts'))).toBe(cache.digest(p.path('lib/c.ts')));
    writeBehindTheBack(p.path('lib/c.ts'), 'THREE');
    expect(cache.digest(p.path('tools/link.ts'))).toBe(digestOf('THREE'));
    expect(cache.digest(p.path('lib/c.ts'))).toBe(digestOf('THREE'));
  });
});

describe('a file that could have been written again without a trace', () => {
  const at = (mtime: number, ctime = mtime): FileFacts => ({ size: 1, mtime, ctime, ino: 1, mode: 0o100644 });
  /** A clock of the file system that stands at a time, in microseconds; nothing is written for it. */
  async function settledAt(now: number, facts: FileFacts): Promise<boolean> {
    await using directory = await temporaryDirectory('mcpgen-clock-');
    return openFileClock(join(directory.path, 'clock'), () => now / 1000).isSettled(facts);
  }
  const second = 1_700_000_000_000_000;

  it.each([
    ['a fine clock: within its tick', 250_123, 255_000, false],
    ['a fine clock: after its tick', 250_123, 260_200, true],
    ['a clock of whole seconds: in the same second', 0, 900_000, false],
    ['a clock of whole seconds: in the next', 0, 1_500_000, false],
    ['a clock of two seconds, as FAT has it: at its end', 0, 2_000_000, false],
    ['a clock of two seconds: after it', 0, 2_000_001, true],
  ])('is not believed by %s (%i, asked at %i: %s)', async (_, written, asked, settled) => {
    expect(await settledAt(second + asked, at(second + written))).toBe(settled);
  });

  it('is believed by the later of its two times', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000_000), fc.nat(10_000_000), fc.nat(20_000_000), async (mtime, ctime, now) => {
        const settled = await settledAt(second + now, at(second + mtime, second + ctime));
        if (settled) expect(now).toBeGreaterThan(Math.max(mtime, ctime));
      }),
      { numRuns: 50 },
    );
  });

  it('is not believed when it is from the future', async () => {
    expect(await settledAt(second, at(second + 3_600_000_000))).toBe(false);
  });
});
