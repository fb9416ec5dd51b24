// Run as `operate-dependencies.ts save|restore <project> <store>`: the start of Node is part of what it costs, as it is for
// a package manager.
import { openLocalCache } from '@mcpgen/build-cache';
import { dependenciesKey, findLockfile, restoreDependencies, saveDependencies } from '@mcpgen/build-cache/dependencies';

const [operation, directory = '', store = ''] = process.argv.slice(2);
const lockfile = findLockfile(directory);
if (lockfile === undefined) throw new Error(`There is no lockfile in ${directory}`);
const cache = openLocalCache({ directory: store, now: Date.now, maxBytes: 100e9 });
const key = dependenciesKey(directory, lockfile, { platform: 'benchmark', abi: process.versions.modules });
const work = operation === 'save' ? saveDependencies : restoreDependencies;
if ((await work(cache, { directory, key })) === undefined) throw new Error('There was nothing to restore');
await cache.close();
