import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';
import { built, builtAnew, journal, published } from './edit-rig.ts';

const BUILD = ['build', '--json', '--profile', 'fast'];

const PROJECT = {
  'lib/shout.ts': 'export const shout = (text: string): string => text.toUpperCase();\n',
  'lib/sign.ts': "export const sign = '!';\n",
  'tools/one.ts': using('shout'),
  'tools/two.ts': using('shout'),
  'tools/three.ts': ECHO,
};

/** A tool that imports one name of a module of that name. */
function using(name: 'shout' | 'sign'): string {
  const call = name === 'shout' ? 'shout(text)' : '`${text}${sign}`';
  return `import { ${name} } from '../lib/${name}.ts';\n${ECHO.replace('=> text', `=> ${call}`)}`;
}

type Change = readonly [what: string, make: (rig: CliRig) => Promise<void> | void];

/** In turn: each finds what those before it left. */
const CHANGES: readonly Change[] = [
  ['the code of a tool', (rig) => rig.write({ 'tools/three.ts': ECHO.replace('=> text', '=> `${text}.`') })],
  ['the schema of a tool', (rig) => rig.write({ 'tools/three.ts': ECHO.replace('z.string()', 'z.string().max(9)') })],
  ['a shared module', (rig) => rig.write({ 'lib/shout.ts': `${PROJECT['lib/shout.ts']}// louder\n` })],
  [
    'a shared module and a tool of another chunk',
    (rig) =>
      rig.write({
        'lib/shout.ts': PROJECT['lib/shout.ts'].replace('()', "().concat('!')"),
        'tools/three.ts': ECHO.replace('Says it', 'Tells it'),
      }),
  ],
  ['an import that is new', (rig) => rig.write({ 'tools/three.ts': using('sign') })],
  ['a module that one tool has for itself', (rig) => rig.write({ 'lib/sign.ts': "export const sign = '?';\n" })],
  ['the tool beside that module', (rig) => rig.write({ 'tools/three.ts': using('sign').replace('Says', 'Asks') })],
  ['an import that is gone', (rig) => rig.write({ 'tools/two.ts': ECHO })],
  ['a tool that is new', (rig) => rig.write({ 'tools/four.ts': using('shout') })],
  [
    'the code of the new tool',
    (rig) => rig.write({ 'tools/four.ts': using('shout').replace('shout(text)', 'shout(`4${text}`)') }),
  ],
  [
    'a tool with an import that leads to the file of a folder',
    (rig) =>
      rig.write({
        'lib/mark/index.ts': "export const sign = '-';\n",
        'tools/five.ts': using('sign').replace('sign.ts', 'mark'),
      }),
  ],
  ['a file that comes before the folder', (rig) => rig.write({ 'lib/mark.ts': "export const sign = '+';\n" })],
  ['a tool that is gone', (rig) => rmSync(join(rig.directory, 'tools/two.ts'))],
  [
    'the version of the project',
    (rig) => rig.write({ 'package.json': '{"name":"demo","version":"2.0.0","type":"module"}' }),
  ],
  [
    'a tool, with its published module gone',
    async (rig) => {
      rmSync(join(rig.directory, 'dist/server/modules/tools/one.js'));
      await rig.write({ 'tools/one.ts': using('shout').replace('Says', 'Shouts') });
    },
  ],
  [
    'a tool, with the work of the others gone',
    async (rig) => {
      rmSync(join(rig.directory, '.cache/mcpgen/work'), { recursive: true });
      await rig.write({ 'tools/one.ts': using('shout') });
    },
  ],
  [
    'a tool, with the modules of the others gone from the work directory',
    async (rig) => {
      const [profile = ''] = readdirSync(join(rig.directory, '.cache/mcpgen/work'));
      rmSync(join(rig.directory, '.cache/mcpgen/work', profile, 'server/modules/lib'), {
        recursive: true,
        force: true,
      });
      await rig.write({ 'tools/one.ts': using('shout').replace('Says', 'Cries') });
    },
  ],
];

/** Those that are planned by what they reach. */
const EDITS: ReadonlySet<string> = new Set([
  'the code of a tool',
  'the schema of a tool',
  'a shared module',
  'a shared module and a tool of another chunk',
  'a module that one tool has for itself',
  'the tool beside that module',
  'the code of the new tool',
]);

describe('mcpgen build after an edit', () => {
  it('leaves what a clean build would, whatever was changed', { timeout: 240_000 }, async () => {
    await using rig = await cliRig(PROJECT);
    await using clean = await cliRig(PROJECT);
    await built(rig, BUILD);
    for (const [what, make] of CHANGES) {
      for (const each of [rig, clean]) await make(each);
      const before = journal(rig);
      await built(rig, BUILD);
      if (EDITS.has(what)) expect(journal(rig), what).not.toBe(before);
      else expect(journal(rig), what).toBeUndefined();
      expect(published(rig), what).toEqual(await builtAnew(clean, BUILD));
    }
  });

  it('plans and keeps no more than the edit reaches, and goes on from a build that failed', {
    timeout: 120_000,
  }, async () => {
    await using rig = await cliRig(PROJECT);
    await built(rig, BUILD);
    await rig.write({ 'tools/three.ts': ECHO.replace('=> text', '=> `${text}.`') });
    await built(rig, BUILD);
    expect(journal(rig)).toContain('bundle:tools/three');
    expect(journal(rig)).not.toContain('file:tools/one.ts');

    await rig.write({ 'tools/three.ts': ECHO.replace('z.object(', 'z.never(') });
    expect((await rig.run(BUILD)).code).not.toBe(0);
    await rig.write({ 'tools/three.ts': ECHO, 'tools/one.ts': using('shout').replace('Says', 'Shouts') });
    await built(rig, BUILD);
    const again = published(rig);
    expect(again).toEqual(await builtAnew(rig, BUILD));
  });
});
