import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSealedColumns, writeSealedFile } from '@mcpgen/build-cache';
import { describe, expect, it } from 'vitest';
import { cliRig } from './cli-rig.ts';
import { built, contents } from './edit-rig.ts';

const ARGS = ['build', '--no-image', '--no-typecheck'];

/** What a build keeps besides the store, and what it is rebuilt from where it is not understood. */
function keptFiles(directory: string): readonly string[] {
  const own = join(directory, '.cache/mcpgen');
  const files = readdirSync(own, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !/\/store\/|\/server\/|\/builds\/|\.gitignore$/.test(path));
}

const FORMS: readonly (readonly [string, (file: string) => void])[] = [
  ['a later format', (file) => writeSealedColumns(file, 99, { head: { json: { identity: 'x' } }, later: ['a'] })],
  ['an earlier format', (file) => writeSealedColumns(file, 1, { names: ['bundle:tools/echo'] })],
  ['a format before there were columns', (file) => writeSealedFile(file, '{"format":1,"steps":{}}')],
  ['no format at all', (file) => writeFileSync(file, '{"steps":[]}')],
  ['nothing', (file) => writeFileSync(file, '')],
];

describe('what another version of mcpgen kept', () => {
  it.each(FORMS)('is left aside where it is of %s, and the store gives all back', async (_, write) => {
    await using rig = await cliRig();
    await built(rig, ARGS);
    const before = contents(join(rig.directory, 'dist/server'));
    const kept = keptFiles(rig.directory);
    expect(kept.length).toBeGreaterThan(3);
    for (const file of kept) write(file);
    const ran = await rig.run([...ARGS, '--json']);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const steps = ran.json().steps as readonly { readonly outcome: string }[];
    expect(steps.filter(({ outcome }) => outcome === 'ran')).toEqual([]);
    expect(contents(join(rig.directory, 'dist/server'))).toEqual(before);
  });

  it('keeps a store of a later format, in a folder of its own', async () => {
    await using rig = await cliRig();
    await built(rig, ARGS);
    const store = join(rig.directory, '.cache/mcpgen/store');
    const [own = ''] = readdirSync(store).filter((name) => /^v\d+$/.test(name));
    const later = join(store, 'v99');
    cpSync(join(store, own), later, { recursive: true });
    rmSync(join(store, own), { recursive: true });
    rmSync(join(rig.directory, '.cache/mcpgen/work'), { recursive: true });
    mkdirSync(join(later, 'unheard-of'));
    const before = contents(later);
    await built(rig, ARGS);
    for (const command of ['prune', 'verify', 'stats', 'list']) await built(rig, ['cache', command]);
    expect(contents(later)).toEqual(before);
    expect(existsSync(join(later, 'unheard-of'))).toBe(true);
    expect(readFileSync(join(rig.directory, 'dist/server/main.js'), 'utf8')).not.toBe('');
  });
});
