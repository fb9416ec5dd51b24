import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepState } from '@mcpgen/cache-invalidation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkshop, type Workshop } from '../../test/workshop.ts';
import { BuildError } from './errors.ts';
import { findStaleOutputs } from './remove-stale-outputs.ts';

let shop: Workshop;

beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop[Symbol.asyncDispose]());

const bundle = (...paths: string[]) =>
  shop.step('bundle', { options: { paths }, files: Object.fromEntries(paths.map((path) => [path, path])) });

describe('runPlan, with outputs that nothing makes any more', () => {
  it('removes files that a step no longer gives, and the folders left empty', async () => {
    await shop.build([bundle('a.js', 'tools/deep/b.js', 'tools/c.js')]);
    await shop.build([bundle('a.js', 'tools/c.js')]);
    expect(Object.keys(await shop.files())).toEqual(['a.js', 'tools/', 'tools/c.js']);
    await shop.build([bundle('a.js')]);
    expect(Object.keys(await shop.files())).toEqual(['a.js']);
  });

  it('keeps what the build did not make', async () => {
    await shop.build([bundle('tools/a.js')]);
    await writeFile(join(shop.directory, 'tools/notes.md'), 'mine');
    await shop.build([bundle('b.js')]);
    expect(Object.keys(await shop.files())).toEqual(['b.js', 'tools/', 'tools/notes.md']);
  });

  it('removes the files of steps that are gone', async () => {
    await shop.build([bundle('a.js'), shop.step('other')]);
    await shop.build([bundle('a.js')]);
    expect(Object.keys(await shop.files())).toEqual(['a.js']);
    expect([...shop.state.keys()]).toEqual(['bundle']);
  });

  it('asks where a step that is gone wrote, and leaves its files where nobody knows', async () => {
    const elsewhere = join(shop.directory, 'elsewhere');
    await mkdir(elsewhere);
    const layer = shop.step('layer', { directory: elsewhere });
    await shop.build([layer, shop.step('x')]);
    await shop.build([], { directory: (step) => (step === 'layer' ? elsewhere : undefined) });
    expect(Object.keys(await shop.files())).toEqual(['elsewhere/', 'x.txt']);
  });

  it('keeps a file that another step makes now', async () => {
    await shop.build([bundle('a.js', 'shared.js'), shop.step('gone', { files: { 'b.js': 'old' } })]);
    await shop.build([
      bundle('a.js'),
      shop.step('shared', { files: { 'shared.js': 'now mine' } }),
      shop.step('heir', { files: { 'b.js': 'new' } }),
    ]);
    expect(await shop.files()).toEqual({ 'a.js': 'a.js', 'b.js': 'new', 'shared.js': 'now mine' });
  });

  it('tells a name in other case from another file, as file systems do that ignore case', async () => {
    await shop.build([bundle('Echo.js', 'Add.js')]);
    const renamed = shop.step('bundle', { files: { 'echo.js': 'new', 'add.js': 'new' } });
    const sameFile = shop.step('link', {
      needs: ['bundle'],
      files: {},
      work: async () => {
        await rm(join(shop.directory, 'Echo.js'));
        await link(join(shop.directory, 'echo.js'), join(shop.directory, 'Echo.js'));
      },
    });
    await shop.build([renamed, sameFile]);
    expect(Object.keys(await shop.files())).toEqual(['Echo.js', 'add.js', 'echo.js']);
  });

  it('removes nothing where the build fails, and all of it when it is mended', async () => {
    const failing = { work: () => Promise.reject(new Error('no')) };
    await shop.build([bundle('a.js', 'b.js'), shop.step('later'), shop.step('gone')]);
    const error = await shop
      .build([bundle('a.js'), shop.step('later', { needs: ['bundle'], options: { v: 2 }, ...failing })])
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof BuildError)) throw error;
    expect(error).toMatchObject({ code: 'STEP_FAILED', steps: ['later'] });
    expect(Object.keys(await shop.files())).toEqual(['a.js', 'b.js', 'gone.txt', 'later.txt']);
    shop.state = error.state ?? new Map();
    await shop.build([bundle('a.js'), shop.step('later', { needs: ['bundle'] })]);
    expect(Object.keys(await shop.files())).toEqual(['a.js', 'later.txt']);
  });

  it('says so when it cannot remove a file', async () => {
    await shop.build([bundle('a.js', 'b.js')]);
    const moved = shop.step('bundle', {
      files: { 'a.js': 'x' },
      work: async () => {
        await rm(join(shop.directory, 'b.js'));
        await mkdir(join(shop.directory, 'b.js'));
      },
    });
    await shop.build([moved]);
    expect(shop.events.ofType('warning')).toMatchObject([
      { message: expect.stringContaining('Cannot remove "b.js", which nothing makes any more: ') },
    ]);
  });
});

describe('findStaleOutputs', () => {
  it.each(['../a.js', '/etc/a.js', 'a/../../b.js', 'a\\b.js'])('never leaves the directory by %s', (path) => {
    const digest = 'sha256:0' as const;
    const outputs = [{ path, size: 1, mtime: 1, ctime: 1, ino: 1, mode: 1 }];
    const state: StepState = { key: digest, components: {}, output: digest, value: null, duration: 0, outputs };
    expect(findStaleOutputs(new Map([['a', state]]), new Map(), () => '/out')).toEqual([]);
  });
});
