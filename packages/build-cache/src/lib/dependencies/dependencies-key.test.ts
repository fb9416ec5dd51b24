import { temporaryDirectory, writeTree } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type DependenciesFacts, dependenciesKey } from './dependencies-key.ts';
import { findLockfile } from './find-lockfile.ts';

const FACTS: DependenciesFacts = { platform: 'linux-x64-glibc', abi: '137' };

async function keyOf(files: Readonly<Record<string, string>>, facts: Partial<DependenciesFacts> = {}) {
  await using project = await temporaryDirectory();
  await writeTree(project.path, files);
  const lockfile = findLockfile(project.path);
  return lockfile && dependenciesKey(project.path, lockfile, { ...FACTS, ...facts });
}

describe('findLockfile', () => {
  it.each([
    ['package-lock.json', 'npm'],
    ['npm-shrinkwrap.json', 'npm'],
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
    ['bun.lock', 'bun'],
  ])('knows %s', async (name, manager) => {
    await using project = await temporaryDirectory();
    await writeTree(project.path, { [name]: '' });
    expect(findLockfile(project.path)).toEqual({ manager, name });
  });

  it('finds none where there is none, or it is not clear which', async () => {
    expect(await keyOf({})).toBeUndefined();
    expect(await keyOf({ 'yarn.lock': '', 'package-lock.json': '' })).toBeUndefined();
  });
});

describe('dependenciesKey', () => {
  const files = { 'package.json': '{}', 'package-lock.json': '{}' };

  it('is the same for the same project anywhere', async () => {
    expect(await keyOf(files)).toBe(await keyOf({ ...files, 'tools/a.ts': 'x' }));
  });

  it.each<readonly [string, Readonly<Record<string, string>>, Partial<DependenciesFacts>]>([
    ['the lockfile', { 'package-lock.json': '{ }' }, {}],
    ['package.json', { 'package.json': '{ }' }, {}],
    ['the settings', { '.npmrc': 'install-strategy=nested' }, {}],
    ['the platform', {}, { platform: 'linux-arm64-glibc' }],
    ['the ABI', {}, { abi: '141' }],
    ["the package manager's version", {}, { managerVersion: '11.0.0' }],
    ['the variant', {}, { variant: 'production' }],
  ])('changes with %s', async (_what, changed, facts) => {
    expect(await keyOf({ ...files, ...changed }, facts)).not.toBe(await keyOf(files));
  });
});
