import { chmod, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileFacts } from '@mcpgen/build-cache';
import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import {
  type BuildRecord,
  changeBuildRecord,
  checkUnchanged,
  type KeptRecord,
  readBuildRecord,
  watchDirectories,
  watchFiles,
  writeBuildRecord,
} from './build-record.ts';
import { readOutputFacts } from './output-facts.ts';
import { openStatCache } from './stat-cache.ts';

const INPUTS = ['tools/echo.ts', 'mcpgen.config.ts', 'package.json'];

/** A project that was built once, and the record of it as the next build reads it. */
async function built() {
  const directory = await temporaryDirectory('mcpgen-record-');
  const root = directory.path;
  await writeTree(root, {
    'tools/echo.ts': 'echo',
    'package.json': '{}',
    'dist/server/main.js': 'main',
    'dist/server/modules/echo.js': 'module',
  });
  const statCache = openStatCache({ file: join(root, '.cache/stat'), root, now: Date.now });
  const directories = watchDirectories(root, ['tools', 'connectors']);
  let files: BuildRecord['files'] | undefined;
  while (files === undefined) {
    for (const path of INPUTS) if (path !== 'mcpgen.config.ts') statCache.digest(join(root, path));
    files = watchFiles(statCache, root, INPUTS);
  }
  const facts = readOutputFacts(join(root, 'dist/server'), ['main.js', 'modules/echo.js']);
  const record: BuildRecord = {
    identity: 'mcpgen 1 --profile standard',
    files,
    directories,
    outputs: [{ directory: 'dist/server', facts }],
    summary: { steps: 3 },
  };
  const file = join(root, '.cache/record');
  expect(writeBuildRecord(file, record)).toBe(true);
  return {
    root,
    file,
    path: (name: string) => join(root, name),
    check: (identity = record.identity) => {
      const read = readBuildRecord(file);
      return read === undefined ? 'no record' : checkUnchanged(read, root, identity);
    },
    [Symbol.asyncDispose]: directory[Symbol.asyncDispose],
  };
}

describe('checkUnchanged', () => {
  it('says so where nothing changed, and keeps the summary', async () => {
    await using p = await built();
    expect(p.check()).toEqual({ unchanged: true });
    expect(readBuildRecord(p.file)?.summary).toEqual({ steps: 3 });
  });

  it.each<[string, (p: Awaited<ReturnType<typeof built>>) => Promise<unknown>]>([
    ['tools/echo.ts removed', (p) => rm(p.path('tools/echo.ts'))],
    ['tools/echo.ts changed', (p) => chmod(p.path('tools/echo.ts'), 0o755)],
    ['mcpgen.config.ts added', (p) => writeFile(p.path('mcpgen.config.ts'), '')],
    ['files were added to or removed from tools', (p) => writeFile(p.path('tools/other.ts'), '')],
    ['files were added to or removed from connectors', (p) => writeTree(p.path('connectors'), { 'a.ts': '' })],
    ['outputs in dist/server changed', (p) => rm(p.path('dist/server/main.js'))],
    ['outputs in dist/server changed', (p) => writeFile(p.path('dist/server/modules/echo.js'), 'edited')],
    ['outputs in dist/server changed', (p) => rm(p.path('dist'), { recursive: true })],
  ])('finds: %s', async (reason, change) => {
    await using p = await built();
    await change(p);
    expect(p.check()).toEqual({ unchanged: false, reason });
  });

  it('names what was edited where nothing else differs', async () => {
    await using p = await built();
    await writeFile(p.path('tools/echo.ts'), 'ECHO');
    const reason = 'tools/echo.ts changed';
    expect(p.check()).toEqual({ unchanged: false, reason, edited: ['tools/echo.ts'] });
    await rm(p.path('dist/server/main.js'));
    expect(p.check()).toEqual({ unchanged: false, reason });
  });

  it('finds an edit of the same size whose time was set back', async () => {
    await using p = await built();
    for (const name of ['tools/echo.ts', 'dist/server/main.js']) {
      const { atime, mtime } = await stat(p.path(name));
      await writeFile(p.path(name), (await readFile(p.path(name), 'utf8')).toUpperCase());
      await utimes(p.path(name), atime, mtime);
      expect(p.check()).toMatchObject({ unchanged: false });
    }
  });

  it('finds an output that became a link to its like', async () => {
    await using p = await built();
    await writeFile(p.path('elsewhere.js'), 'main');
    await rm(p.path('dist/server/main.js'));
    await symlink(p.path('elsewhere.js'), p.path('dist/server/main.js'));
    expect(p.check()).toMatchObject({ unchanged: false });
  });

  it('finds other options or another version', async () => {
    await using p = await built();
    expect(p.check('mcpgen 2 --profile standard')).toEqual({ unchanged: false, reason: 'options or versions changed' });
  });

  it('has no record where the file is damaged', async () => {
    await using p = await built();
    const text = await readFile(p.file, 'utf8');
    await writeFile(p.file, text.replace('echo', 'ECHO'));
    expect(p.check()).toBe('no record');
  });
});

describe('changeBuildRecord', () => {
  /** Says what became of a project whose tool and one output were written anew, and another output replaced. */
  async function changed(p: Awaited<ReturnType<typeof built>>, record: KeptRecord | undefined, said = 'edited') {
    await writeTree(p.root, { 'tools/echo.ts': said, 'dist/server/main.js': said, [`dist/server/${said}.js`]: said });
    await rm(p.path('dist/server/modules/echo.js'), { force: true });
    const files = [{ path: 'tools/echo.ts', facts: readFileFacts(p.path('tools/echo.ts')) ?? null }];
    const facts = readOutputFacts(p.path('dist/server'), ['main.js', `${said}.js`]);
    const outputs = [{ directory: 'dist/server', facts, gone: ['modules/echo.js'] }];
    if (record === undefined) throw new TypeError('there is no record');
    return changeBuildRecord(p.file, record, { files, outputs, summary: said, summarize: () => `all, ${said}` });
  }

  it('is found by the next build, as often as it is done', async () => {
    await using p = await built();
    for (const said of ['one', 'two', 'three']) {
      expect(await changed(p, readBuildRecord(p.file), said)).toBe(true);
      expect(p.check()).toEqual({ unchanged: true });
    }
    const { summary, later, outputs } = readBuildRecord(p.file) ?? {};
    expect([summary, later]).toEqual([{ steps: 3 }, ['one', 'two', 'three']]);
    expect(outputs?.[0]?.facts.paths).toEqual(['main.js', 'one.js', 'two.js', 'three.js']);
    await writeFile(p.path('dist/server/two.js'), 'edited');
    expect(p.check()).toMatchObject({ reason: 'outputs in dist/server changed' });
  });

  it('writes the record anew where much was added to it, with all that was said', async () => {
    await using p = await built();
    expect(await changed(p, readBuildRecord(p.file), 'x'.repeat(200))).toBe(true);
    const change = (record = readBuildRecord(p.file)) =>
      record !== undefined && changeBuildRecord(p.file, record, large);
    const large = { files: [], outputs: [], summary: 'y'.repeat(70_000), summarize: () => 'all' };
    expect(change()).toBe(true);
    expect(p.check()).toEqual({ unchanged: true });
    expect(readBuildRecord(p.file)).toMatchObject({ summary: 'all', later: [] });
  });

  it('is refused where another build has written or changed the record since', async () => {
    await using p = await built();
    const record = readBuildRecord(p.file);
    expect(await changed(p, record, 'first')).toBe(true);
    expect(await changed(p, record, 'second')).toBe(false);
    expect(p.check()).toMatchObject({ unchanged: false });
  });

  it('leaves no record where it is torn', async () => {
    await using p = await built();
    await changed(p, readBuildRecord(p.file));
    const journal = await readFile(`${p.file}.journal`);
    await writeFile(`${p.file}.journal`, journal.subarray(0, journal.length - 1));
    expect(p.check()).toBe('no record');
  });
});

describe('watchDirectories', () => {
  it('passes over names that do not count', async () => {
    await using directory = await temporaryDirectory();
    const watch = () => watchDirectories(directory.path, ['.', 'tools'], { '.': ['dist'] });
    const before = watch();
    await writeTree(directory.path, { 'dist/main.js': '' });
    expect(watch()).toEqual(before);
    await writeTree(directory.path, { 'tsconfig.json': '' });
    expect(watch()).not.toEqual(before);
  });
});

describe('watchFiles', () => {
  it('gives no record of a file whose facts prove nothing yet', async () => {
    await using directory = await temporaryDirectory();
    await writeTree(directory.path, { 'a.ts': 'a' });
    const statCache = openStatCache({ file: join(directory.path, '.cache/stat'), root: directory.path, now: () => 0 });
    statCache.digest(join(directory.path, 'a.ts'));
    expect(watchFiles(statCache, directory.path, ['a.ts'])).toBeUndefined();
  });

  it('records what the stat cache saw, not what an edit made of it since', async () => {
    await using p = await built();
    await writeFile(p.path('tools/echo.ts'), 'ECHO');
    expect(p.check()).toMatchObject({ unchanged: false });
  });
});
