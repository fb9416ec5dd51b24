import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, type Ran } from './cli-rig.ts';

const tool = (input: string, more = ''): string =>
  `import { defineTool } from '@mcpgen/server';\nimport { z } from 'zod';\nexport default defineTool({ description: 'Finds', input: z.object({ ${input} }), ${more} handler: () => ({ total: 1 }) });\n`;

const PROMPT = `export default { description: 'Asks', arguments: { topic: { required: true }, tone: {} }, handler: () => 'hi' };\n`;
const README = `export default { uri: 'file:///readme', mimeType: 'text/plain', read: () => 'hi' };\n`;
const TABLE = `export default { uriTemplate: 'db://tables/{table}', read: () => 'hi' };\n`;

const FILES = {
  'tools/search.ts': tool(
    'text: z.string(), mode: z.enum(["fast", "exact"]).optional()',
    'output: z.object({ total: z.number() }),',
  ),
  'tools/gone.ts': tool('text: z.string()'),
  'prompts/ask.mjs': PROMPT,
  'resources/readme.mjs': README,
  'resources/table.mjs': TABLE,
};

async function explain(rig: CliRig, ...args: readonly string[]): Promise<Ran> {
  return rig.run(['explain', '--api', '--json', ...args]);
}

interface Change {
  readonly level: string;
  readonly kind: string;
  readonly name: string;
  readonly part?: string;
  readonly change: string;
}

function shown(ran: Ran): readonly string[] {
  const changes = ran.json().changes as readonly Change[];
  return changes.map(({ level, kind, name, part, change }) =>
    [level, kind, name, part, change].filter(Boolean).join(' '),
  );
}

describe('mcpgen explain --api', () => {
  it('says what breaks callers, with an exit code of its own, until the version says so', async () => {
    await using rig = await cliRig(FILES);
    expect((await explain(rig, '--write')).json()).toMatchObject({ code: 'API_WRITTEN', file: 'mcpgen.api.json' });
    const same = await explain(rig);
    expect([same.code, same.json().code, same.json().bump]).toEqual([0, 'API_COMPATIBLE', 'none']);

    rmSync(join(rig.directory, 'tools/gone.ts'));
    await rig.write({
      'tools/search.ts': tool(
        'text: z.string(), mode: z.enum(["fast"]).optional(), limit: z.int(), lang: z.string().optional()',
        'output: z.object({ total: z.number().nullable(), more: z.boolean() }),',
      ),
      'tools/other.ts': tool(''),
      'prompts/ask.mjs': PROMPT.replace('tone: {}', 'tone: { required: true }').replace(
        'topic: { required: true }, ',
        '',
      ),
      'resources/readme.mjs': README.replace('file:///readme', 'file:///read-me'),
      'resources/table.mjs': TABLE.replace('read:', "mimeType: 'application/json', read:"),
    });
    const broken = await explain(rig);
    expect([broken.code, broken.json().status, broken.json().code]).toEqual([5, 'error', 'API_BROKEN']);
    expect(broken.json()).toMatchObject({ bump: 'major', least: '2.0.0', announced: false, version: '1.2.3' });
    expect(shown(broken)).toEqual([
      'breaking tool gone was removed',
      'breaking tool search argument "limit" is required now',
      'breaking tool search argument "mode" can no longer be "exact"',
      'breaking tool search output "total" can be null as well',
      'breaking prompt ask argument "topic" was removed',
      'breaking prompt ask argument "tone" is required now',
      'breaking resource file:///readme was removed',
      'compatible tool other was added',
      'compatible tool search argument "lang" was added',
      'compatible tool search output "more" was added',
      'compatible resource file:///read-me was added',
      'compatible resource template db://tables/{table} mimeType is application/json now',
    ]);
    const text = await rig.run(['explain', '--api']);
    expect(text.stdout).toMatch(
      /breaks +tool "search" +argument "limit" is required now: calls without it are refused/,
    );
    expect(text.stdout).toContain('expected 2.0.0 or later, the version is 1.2.3');
    expect(existsSync(join(rig.directory, 'dist'))).toBe(false);

    await rig.write({ 'package.json': '{"name":"demo","version":"2.0.0","type":"module"}' });
    const announced = await explain(rig);
    expect([announced.code, announced.json().code]).toEqual([0, 'API_BREAK_ANNOUNCED']);
    expect((await explain(rig, '--write')).code).toBe(0);
    expect(shown(await explain(rig))).toEqual([]);
  });

  it('tells additions and other words from breaks', async () => {
    await using rig = await cliRig(FILES);
    await explain(rig, '--write');
    await rig.write({ 'tools/gone.ts': FILES['tools/gone.ts'].replace('Finds', 'Looks for') });
    const reworded = await explain(rig);
    expect([reworded.code, reworded.json().bump, reworded.json().least]).toEqual([0, 'patch', '1.2.4']);
    await rig.write({ 'tools/new.ts': tool('') });
    const added = await explain(rig);
    expect([added.code, added.json().bump, added.json().least]).toEqual([0, 'minor', '1.3.0']);
  });

  it('compares with a built server, another file, and a revision of git', async () => {
    await using rig = await cliRig(FILES);
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
        cwd: rig.directory,
        stdio: 'pipe',
      });
    await rig.run(['build', '--no-image', '--no-typecheck']);
    await explain(rig, '--write');
    git('init', '-q');
    git('add', 'mcpgen.api.json');
    git('commit', '-qm', 'one');
    git('tag', 'v1');
    renameSync(join(rig.directory, 'mcpgen.api.json'), join(rig.directory, 'old.json'));
    rmSync(join(rig.directory, 'tools/gone.ts'));
    for (const against of ['dist', 'dist/server', '.', 'old.json', 'v1']) {
      const ran = await explain(rig, '--against', against);
      expect([ran.code, shown(ran)], against).toEqual([5, ['breaking tool gone was removed']]);
    }
  });

  it.each([
    ['nothing was ever written', [], 'API_MISSING', /never written/],
    ['there is no such revision', ['--against', 'v9'], 'API_MISSING', /v9/],
    ['a revision could be an option', ['--against=--upload-pack=x'], 'API_MISSING', /upload-pack/],
    ['a directory holds neither', ['--against', 'tools'], 'API_MISSING', /neither/],
    ['a file is of a later format', ['--against', 'later.json'], 'API_INVALID', /later mcpgen/],
    ['a file is none', ['--against', 'broken.json'], 'API_INVALID', /broken\.json/],
  ])('says what to do where %s, with exit code 2', async (_, args, code, says) => {
    await using rig = await cliRig({
      'tools/a.mjs': 'export default { handler: () => 1 };\n',
      'later.json': '{"format":2,"version":"1.0.0"}',
      'broken.json': '{',
    });
    const ran = await explain(rig, ...args);
    expect([ran.code, ran.json().code]).toEqual([2, code]);
    expect(ran.json().message).toMatch(says);
    expect(ran.json().fix).toMatch(/--write/);
  });

  it('refuses to compare without being asked to', async () => {
    await using rig = await cliRig();
    expect((await rig.run(['explain', '--write'])).code).toBe(2);
  });
});
