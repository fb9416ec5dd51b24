// Run as `operate.ts <operation> <scratch>`: does one thing with a cache in this process and prints what it cost, in
// milliseconds of CPU, user and system, all threads: without the start of Node and the loading of modules.
import { linkSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Digest, digestOf, type LocalCache, type LocalCacheOptions, openLocalCache } from '@mcpgen/build-cache';
import cacache from 'cacache';
import { FILES, listTree } from './tree.ts';
import { checkProject, digestTree, listSmallTree, lookAt, smallProject } from './unchanged.ts';

const [operation = '', scratch = '', name = ''] = process.argv.slice(2);
const tree = join(scratch, 'tree');
const back = join(scratch, 'back');
const small = join(scratch, 'small');
const LOOKUPS = 2000;
/** Known before anything is measured, as they are to a build. */
const KEYS = Array.from({ length: LOOKUPS }, (_, index) => digestOf(`small ${index}`));
const PATHS = operation === 'lstat' ? listTree(tree) : [];
const SMALL_PATHS = operation === 'lstat small' ? listSmallTree(join(scratch, 'small-tree')) : [];
const TEXT = 'x'.repeat(1000);

const operations: Readonly<Record<string, () => Promise<unknown>>> = {
  'mcpgen store': async () => {
    const cache = open('store');
    const [key, paths] = [digestOf(name), listTree(tree)];
    await cache.store({ key, step: 'tree', directory: tree, paths, value: null, duration: 1000 });
    await cache.close();
  },
  'mcpgen restore': () => restore(open('store')),
  'mcpgen by link restore': () => restore(open('store', { links: true })),
  // What no cache in Node can stay below: one call for each file.
  'only lstat store': async () => {
    for (const path of listTree(tree)) lstatSync(`${tree}/${path}`);
  },
  'only link restore': async () => {
    const paths = listTree(tree);
    for (const directory of new Set(paths.map(dirname))) mkdirSync(`${back}/${directory}`, { recursive: true });
    for (const path of paths) linkSync(`${tree}/${path}`, `${back}/${path}`);
  },
  'mcpgen nothing': async () =>
    checkProject({ root: scratch, directories: [], sources: () => [], outputs: ['tree'] }, join(scratch, 'record')),
  'mcpgen small': async () => checkProject(smallProject(join(scratch, 'small-tree')), join(scratch, 'small-record')),
  'mcpgen digests': async () => digestTree(tree, join(scratch, 'stat')),
  lstat: async () => lookAt(tree, PATHS),
  'lstat small': async () => lookAt(join(scratch, 'small-tree'), SMALL_PATHS),
  'lstat listed': async () => lookAt(tree, listTree(tree)),
  'mcpgen fill': async () => {
    const cache = open('small-mcpgen');
    for (const key of KEYS) await cache.store({ ...entry(key), step: 'small', duration: 1, value: TEXT });
    await cache.close();
  },
  'mcpgen lookups': async () => {
    const cache = open('small-mcpgen');
    for (const key of KEYS) if ((await cache.lookup(key)) === undefined) throw new Error('It was not found');
  },
  'mcpgen find': async () => {
    const index = await open('small-mcpgen').index();
    for (const key of KEYS) if (index.find(key) === undefined) throw new Error('It was not found');
  },
  'cacache store': async () => {
    for (const path of listTree(tree)) {
      await cacache.put(join(scratch, 'cacache'), `${name}/${path}`, readFileSync(join(tree, path)));
    }
  },
  'cacache restore': async () => {
    const paths = listTree(tree);
    for (const directory of new Set(paths.map((path) => path.split('/')[0] ?? ''))) {
      mkdirSync(join(back, directory), { recursive: true });
    }
    for (const path of paths) await cacache.get.copy(join(scratch, 'cacache'), `${name}/${path}`, join(back, path));
  },
  'cacache fill': async () => {
    for (const key of KEYS) await cacache.put(join(scratch, 'small-cacache'), key, TEXT);
  },
  'cacache info': async () => {
    for (const key of KEYS) {
      if ((await cacache.get.info(join(scratch, 'small-cacache'), key)) === null) throw new Error('It was not found');
    }
  },
};

function open(directory: string, options: Partial<LocalCacheOptions> = {}): LocalCache {
  return openLocalCache({ directory: join(scratch, directory), now: Date.now, maxBytes: 100e9, ...options });
}

async function restore(cache: LocalCache): Promise<void> {
  const hit = await cache.lookup(digestOf(name), 'tree');
  if ((await hit?.restore(back)) !== true) throw new Error('It was not restored');
  await cache.close();
}

function entry(key: Digest) {
  mkdirSync(small, { recursive: true });
  return { key, directory: small, paths: [] };
}

const run = operations[operation];
if (run === undefined) throw new Error(`There is no "${operation}", with ${FILES} files`);
const before = process.cpuUsage();
await run();
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${(user + system) / 1000}\n`);
