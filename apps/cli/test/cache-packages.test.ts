import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startRegistry } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { cliRig } from './cli-rig.ts';

const LOCKED = { 'package.json': '{"name":"demo"}', 'package-lock.json': '{"lockfileVersion":3}' };

describe('mcpgen cache packages', () => {
  it('brings to another machine what was installed for the same lockfile', async () => {
    await using registry = await startRegistry();
    const place = `${registry.host}/team/cache:main`;
    await using first = await cliRig({ ...LOCKED, 'node_modules/a/index.js': 'a' }, { modules: 'own' });
    const saved = await first.run(['cache', 'packages', 'save', '--cache-to', place, '--json']);
    expect(saved.json()).toMatchObject({ code: 'PACKAGES_SAVED', files: 1, cache: { to: { results: 1 } } });

    await using second = await cliRig({ ...LOCKED, 'node_modules/old/index.js': 'old' }, { modules: 'own' });
    const restored = await second.run(['cache', 'packages', 'restore', '--cache-from', place, '--json']);
    expect(restored.json()).toMatchObject({ code: 'PACKAGES_RESTORED', lockfile: { manager: 'npm' }, files: 1 });
    expect(second.read('node_modules/a/index.js')).toBe('a');
    expect(existsSync(join(second.directory, 'node_modules/old'))).toBe(false);
  });

  it('says by exit code 1 that nothing is kept, and leaves what is installed', async () => {
    await using rig = await cliRig({ ...LOCKED, 'node_modules/old/index.js': 'old' }, { modules: 'own' });
    const ran = await rig.run(['cache', 'packages', 'restore', '--json']);
    expect(ran.code).toBe(1);
    expect(ran.json().code).toBe('PACKAGES_NOT_KEPT');
    expect(rig.read('node_modules/old/index.js')).toBe('old');
  });

  it('keeps nothing where nothing is installed, which would pass for an installation', async () => {
    await using rig = await cliRig(LOCKED, { modules: 'own' });
    const saved = await rig.run(['cache', 'packages', 'save', '--json']);
    expect(saved.code).toBe(0);
    expect(saved.json().code).toBe('PACKAGES_NOT_KEPT');
    expect((await rig.run(['cache', 'packages', 'restore'])).code).toBe(1);
  });

  it.each([
    ['no lockfile', {}, 'restore', /expected one lockfile/],
    ['two lockfiles', { ...LOCKED, 'yarn.lock': '' }, 'restore', /expected one lockfile/],
    ['another action', LOCKED, 'delete', /expected restore or save/],
  ])('says what is wrong with %s', async (_what, files, action, says) => {
    await using rig = await cliRig(files, { modules: 'own' });
    const ran = await rig.run(['cache', 'packages', action]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(says);
  });
});
