import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type OutputFact, readOutputFacts } from '@mcpgen/cache-invalidation';
import { type Tree, temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { publishServer } from './publish-server.ts';

const MANIFEST = '{"format":1,"info":{}}';

async function project(tree: Tree) {
  const directory = await temporaryDirectory();
  await writeTree(directory.path, tree);
  const at = (path: string): string => join(directory.path, path);
  const publish = (work: string, paths: readonly string[]): readonly OutputFact[] =>
    publishServer({
      work: at(work),
      published: at('dist/server'),
      files: readOutputFacts(at(work), paths),
      memory: at('.cache/published/a.json'),
    }).files;
  return { path: directory.path, at, publish, [Symbol.asyncDispose]: () => directory.remove() };
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/** Publishes its own server again and again. */
const PUBLISH = `
const [, module, directory, name, paths] = process.argv;
const { publishServer } = await import(module);
const { readOutputFacts } = await import('@mcpgen/cache-invalidation');
const work = directory + '/' + name;
for (let round = 0; round < 25; round++) {
  publishServer({
    work,
    published: directory + '/dist/server',
    files: readOutputFacts(work, paths.split(' ')),
    memory: directory + '/.cache/published/a.json',
  });
}
`;

describe('publishServer', () => {
  it('copies what changed, and nothing else', async () => {
    await using p = await project({ 'work/manifest.json': MANIFEST, 'work/a.js': '1', 'work/b.js': '1' });
    const paths = ['a.js', 'b.js', 'manifest.json'];
    const inode = (facts: readonly OutputFact[], path: string) => facts.find((fact) => fact.path === path)?.ino;
    const first = p.publish('work', paths);
    await writeTree(p.at('work'), { 'a.js': '22' });
    const second = p.publish('work', paths);
    expect(readFileSync(p.at('dist/server/a.js'), 'utf8')).toBe('22');
    expect(inode(second, 'a.js')).not.toBe(inode(first, 'a.js'));
    expect(inode(second, 'b.js')).toBe(inode(first, 'b.js'));
    rmSync(p.at('dist/server/b.js'));
    p.publish('work', paths);
    expect(filesBelow(p.at('dist'))).toEqual(['server/a.js', 'server/b.js', 'server/manifest.json']);
    expect(filesBelow(p.at('.cache'))).toEqual(['published/a.json']);
  });

  it('lets processes that publish at once take turns: each server is whole', async () => {
    const names = ['one', 'two', 'three', 'four'];
    const pathsOf = (name: string) => [`deps/${name}/x.js`, 'main.js', 'manifest.json', `modules/tools/${name}.js`];
    const trees = names.map((name) =>
      Object.fromEntries(pathsOf(name).map((path) => [`${name}/${path}`, path === 'manifest.json' ? MANIFEST : name])),
    );
    await using p = await project(Object.assign({}, ...trees));
    const module = new URL('./publish-server.ts', import.meta.url).href;
    const flags = ['--conditions=@mcpgen/source', '--input-type=module', '--eval', PUBLISH, '--'];
    const children = names.map((name) =>
      spawn(process.execPath, [...flags, module, p.path, name, pathsOf(name).join(' ')], {
        cwd: import.meta.dirname,
        stdio: ['ignore', 'inherit', 'inherit'],
      }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0, 0]);
    const last = readFileSync(p.at('dist/server/main.js'), 'utf8');
    expect(filesBelow(p.at('dist/server'))).toEqual(pathsOf(last));
    for (const path of pathsOf(last).filter((path) => path !== 'manifest.json'))
      expect(readFileSync(p.at(`dist/server/${path}`), 'utf8')).toBe(last);
    expect(filesBelow(p.at('.cache'))).toEqual(['published/a.json']);
  });
});
