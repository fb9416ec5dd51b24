import { lstatSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Project, project, readTree } from '../../test/project.ts';
import { untilSettled } from '../../test/settle.ts';
import { openBodyLinks } from './body-links.ts';
import { createBodyVerifier } from './body-store.ts';
import { digestOf } from './digest.ts';
import { readEntry } from './entry-store.ts';
import { createStore } from './store.ts';
import { bodyPath, storeLayout } from './store-layout.ts';

const A = 'a '.repeat(3000);
const FILES = { 'a.js': A, 'deep/b.js': 'b '.repeat(3000), 'run*': 'r '.repeat(3000), 'small.js': 'small' };

const bodyOf = (p: Project, text: string): string => bodyPath(storeLayout(p.store), digestOf(text));

/** A store of one entry whose bodies are old enough to be linked, and that entry restored. */
async function linked(): Promise<Project> {
  const p = await project({ links: true });
  await p.keep(p.open(), 'a', FILES);
  await untilSettled(storeLayout(p.store).bodies);
  expect(await restore(p)).toBe(true);
  return p;
}

async function restore(p: Project, back = p.back): Promise<boolean> {
  return (await (await p.open().lookup(digestOf('a')))?.restore(back)) === true;
}

describe('openLocalCache, with links', () => {
  it('links bodies, and copies executables and what has no body', async () => {
    await using p = await linked();
    expect(await readTree(p.back)).toEqual(FILES);
    expect(statSync(join(p.back, 'a.js')).ino).toBe(statSync(bodyOf(p, A)).ino);
    expect(statSync(join(p.back, 'a.js')).mode & 0o777).toBe(0o444);
    expect(['run', 'small.js'].map((name) => statSync(join(p.back, name)).nlink)).toEqual([1, 1]);
  });

  it('restores again, over what it restored and elsewhere', async () => {
    await using p = await linked();
    for (const back of [p.back, `${p.back}-2`, p.back]) {
      await untilSettled(storeLayout(p.store).bodies);
      expect(await restore(p, back)).toBe(true);
      expect(await readTree(back)).toEqual(FILES);
      expect(statSync(join(back, 'a.js')).ino).toBe(statSync(bodyOf(p, A)).ino);
    }
    expect(readdirSync(storeLayout(p.store).links)).toHaveLength(1);
  });

  it('copies bodies that were written so lately that another write could leave the same times', async () => {
    await using p = await project({ links: true, now: () => 0 });
    await p.keep(p.open(), 'a', FILES);
    expect(await restore(p)).toBe(true);
    expect(await readTree(p.back)).toEqual(FILES);
    expect(statSync(join(p.back, 'a.js')).nlink).toBe(1);
  });

  it.each<[string, (file: string) => void]>([
    ['with another size', (file) => writeFileSync(file, 'edited')],
    [
      'with its size and time',
      (file) => {
        writeFileSync(file, A.replace('a', 'e'));
        utimesSync(file, 1_000_000_000, 1_000_000_000);
      },
    ],
  ])('finds out that a restored file was edited in place, %s, before it is restored again', async (_, edit) => {
    await using p = await project({ links: true });
    await p.keep(p.open(), 'a', FILES);
    utimesSync(bodyOf(p, A), 1_000_000_000, 1_000_000_000);
    await untilSettled(storeLayout(p.store).bodies);
    expect(await restore(p)).toBe(true);
    await chmod(join(p.back, 'a.js'), 0o644);
    edit(join(p.back, 'a.js'));
    await chmod(join(p.back, 'a.js'), 0o444);
    expect(await restore(p, `${p.back}-2`)).toBe(false);
    expect(p.events.ofType('damaged')).toHaveLength(1);
    expect(await readTree(`${p.back}-2`)).toEqual({});
    await p.keep(p.open(), 'a', FILES);
    expect(await restore(p, `${p.back}-2`)).toBe(true);
    expect(await readTree(`${p.back}-2`)).toEqual(FILES);
    expect(await readFile(join(p.back, 'a.js'), 'utf8')).not.toBe(A);
  });

  it('copies a body whose mode was changed through a link', async () => {
    await using p = await linked();
    await chmod(join(p.back, 'a.js'), 0o666);
    await untilSettled(storeLayout(p.store).bodies);
    expect(await restore(p, `${p.back}-2`)).toBe(true);
    expect(lstatSync(join(p.back, '../back-2/a.js')).nlink).toBe(1);
  });

  it('reads bodies where what it knew of them is damaged or lost', async () => {
    await using p = await linked();
    const [name = ''] = readdirSync(storeLayout(p.store).links);
    const file = join(storeLayout(p.store).links, name);
    for (const lose of [() => rmSync(file), () => writeFileSync(file, 'damaged')]) {
      await writeFile(bodyOf(p, FILES['deep/b.js']), 'c '.repeat(3000));
      lose();
      expect(await restore(p, `${p.back}-2`)).toBe(false);
      await p.keep(p.open(), 'a', FILES);
      expect(await restore(p, `${p.back}-3`)).toBe(true);
      expect(await readTree(`${p.back}-3`)).toEqual(FILES);
    }
  });

  it('believes the file system where nothing was written since, and reads where it says that something was', async () => {
    await using p = await project({ links: true });
    await p.keep(p.open(), 'a', FILES);
    utimesSync(bodyOf(p, A), 1_000_000_000, 1_000_000_000);
    await untilSettled(storeLayout(p.store).bodies);
    const store = createStore(storeLayout(p.store), { now: Date.now, emit: p.events.onEvent, links: true });
    const stored = readEntry(store, digestOf('a'));
    const [file] = stored?.entry.files ?? [];
    if (stored === undefined || file === undefined) throw new Error('It was not stored');
    const link = async (name: string): Promise<{ linked: boolean; read: number }> => {
      let read = 0;
      const verify = createBodyVerifier(store);
      const links = openBodyLinks(store, stored, (...args) => {
        read++;
        return verify(...args);
      });
      const done = links.link(file, 0, `${p.out}/${name}`);
      await untilSettled(storeLayout(p.store).bodies);
      expect(links.findChanged()).toBeUndefined();
      links.remember();
      return { linked: done, read };
    };
    expect(await link('1')).toEqual({ linked: true, read: 1 });
    expect(await link('2')).toEqual({ linked: true, read: 0 });
    writeFileSync(`${p.out}/2`, A.replace('a', 'e'));
    utimesSync(`${p.out}/2`, 1_000_000_000, 1_000_000_000);
    await untilSettled(storeLayout(p.store).bodies);
    expect(await link('3')).toEqual({ linked: false, read: 1 });
  });

  it('gives copies unless it is asked for links', async () => {
    await using p = await linked();
    const hit = await p.open({ links: false }).lookup(digestOf('a'));
    expect(await hit?.restore(`${p.back}-2`)).toBe(true);
    expect(statSync(join(p.back, '../back-2/a.js')).nlink).toBe(1);
    expect(statSync(join(p.back, '../back-2/a.js')).mode & 0o777).toBe(0o644);
  });
});
