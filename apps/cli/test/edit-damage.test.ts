import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';
import { built, builtAnew, journal, published, workOf } from './edit-rig.ts';

const BUILD = ['build', '--json', '--profile', 'fast', '--no-image'];

const PROJECT = { 'tools/one.ts': ECHO, 'tools/two.ts': ECHO };

/** The tool, different each time. */
function edition(number: number): string {
  return ECHO.replace('Says it', `Says edition ${number}`).replace('=> text', `=> \`\${text} ${number}\``);
}

function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  writeFileSync(file, bytes);
}

function halve(file: string): void {
  truncateSync(file, readFileSync(file).length >> 1);
}

/** What may happen between two builds. */
const DAMAGE: readonly (readonly [what: string, happen: (rig: CliRig) => void])[] = [
  ...['state', 'record', 'plan', 'state.journal', 'record.journal'].flatMap((name) => [
    [`${name} is cut short`, (rig: CliRig) => halve(join(workOf(rig), name))] as const,
    [`${name} is damaged`, (rig: CliRig) => flip(join(workOf(rig), name))] as const,
    [`${name} is gone`, (rig: CliRig) => rmSync(join(workOf(rig), name))] as const,
  ]),
  [
    'what was published is forgotten',
    (rig) => rmSync(join(rig.directory, '.cache/mcpgen/published'), { recursive: true }),
  ],
  ['the cache is gone', (rig) => rmSync(join(rig.directory, '.cache'), { recursive: true })],
  ['the store is gone', (rig) => rmSync(join(rig.directory, '.cache/mcpgen/store'), { recursive: true, force: true })],
  ['the output is gone', (rig) => rmSync(join(rig.directory, 'dist'), { recursive: true })],
  ['a published file is edited', (rig) => flip(join(rig.directory, 'dist/server/modules/tools/two.js'))],
  [
    'the file of the tool is edited where it was published',
    (rig) => flip(join(rig.directory, 'dist/server/modules/tools/one.js')),
  ],
  ['the list is edited where it was published', (rig) => flip(join(rig.directory, 'dist/server/lists/tools.json'))],
];

describe('mcpgen build after an edit', () => {
  it('is right, whatever happened since the last build', { timeout: 300_000 }, async () => {
    await using rig = await cliRig(PROJECT);
    await using clean = await cliRig({ ...PROJECT, 'tools/one.ts': edition(0) });
    const wanted = await builtAnew(clean, BUILD);
    await built(rig, BUILD);
    for (const [number, [what, happen]] of DAMAGE.entries()) {
      // One edit, so that there are journals to damage; unless the last build was a whole one, this is the short way.
      await rig.write({ 'tools/one.ts': edition(number + 1) });
      await built(rig, BUILD);
      if (journal(rig) === undefined) {
        await rig.write({ 'tools/one.ts': edition(-number - 1) });
        await built(rig, BUILD);
      }
      expect(journal(rig), what).toBeDefined();
      happen(rig);
      await rig.write({ 'tools/one.ts': edition(0) });
      await built(rig, BUILD);
      expect(published(rig), what).toEqual(wanted);
    }
  });

  it('leaves the last output where it fails, and the edit that mends it takes the short way', {
    timeout: 120_000,
  }, async () => {
    await using rig = await cliRig(PROJECT);
    await built(rig, BUILD);
    const before = published(rig);
    for (const broken of [
      'export default {',
      ECHO.replace('z.object(', 'z.never('),
      `${ECHO}throw new Error('no');\n`,
    ]) {
      await rig.write({ 'tools/one.ts': broken });
      expect((await rig.run(BUILD)).code, broken).toBe(1);
      expect(published(rig), broken).toEqual(before);
    }
    await rig.write({ 'tools/one.ts': edition(1) });
    await built(rig, BUILD);
    expect(journal(rig)).toContain('bundle:tools/one');
    const mended = published(rig);
    expect(mended).toEqual(await builtAnew(rig, BUILD));
  });

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'is right after one that was ended by %s',
    { timeout: 120_000 },
    async (signal) => {
      await using rig = await cliRig(PROJECT);
      await built(rig, BUILD);
      const before = published(rig);
      // Hangs where it is described: what comes before that in the build is done.
      const mark = join(rig.directory, 'lib');
      await rig.write({
        'lib/none': '',
        'tools/one.ts': `${ECHO}process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(join(mark, 'loaded'))}, '');\nawait new Promise((resolve) => setTimeout(resolve, 60_000));\n`,
      });
      const child = rig.start(BUILD);
      const loaded = async () => {
        for await (const { filename } of watch(mark))
          if (filename === 'loaded' || existsSync(join(mark, 'loaded'))) return;
      };
      const ended = once(child, 'exit');
      await loaded();
      child.kill(signal);
      await ended;
      expect(published(rig)).toEqual(before);
      await rig.write({ 'tools/one.ts': edition(1) });
      await built(rig, BUILD);
      expect(published(rig)).toEqual(await builtAnew(rig, BUILD));
    },
  );

  it('is right after several at once', { timeout: 120_000 }, async () => {
    await using rig = await cliRig(PROJECT);
    await built(rig, BUILD);
    for (const number of [1, 2]) {
      const children = [];
      for (const name of ['one', 'two', 'one']) {
        await rig.write({ [`tools/${name}.ts`]: edition(number * 10 + children.length) });
        children.push(rig.start(BUILD));
      }
      const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
      expect(codes).toEqual([0, 0, 0]);
      await built(rig, BUILD);
      await rig.write({ 'tools/two.ts': edition(number) });
      await built(rig, BUILD);
      await using clean = await cliRig({
        'tools/one.ts': edition(number * 10 + 2),
        'tools/two.ts': edition(number),
      });
      expect(published(rig)).toEqual(await builtAnew(clean, BUILD));
    }
  });
});
