import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildSummary, SizeRecord } from '@mcpgen/build-metrics';
import { describe, expect, it } from 'vitest';
import { cliRig, ECHO } from './cli-rig.ts';

describe('mcpgen metrics', () => {
  it('says that nothing was measured yet, and what cannot be found', async () => {
    await using rig = await cliRig();
    const none = await rig.run(['metrics', '--json']);
    expect([none.code, none.json().code]).toEqual([0, 'NO_BUILDS']);
    const missing = await rig.run(['metrics', 'nowhere', '--json']);
    expect([missing.code, missing.json().code]).toEqual([2, 'DIRECTORY_MISSING']);
  });

  it('shows the last build, all builds, how two differ, and writes every view', async () => {
    await using rig = await cliRig();
    await rig.run(['build', '--no-image', '--no-typecheck']);
    await rig.write({ 'tools/echo.ts': ECHO.replace('again', 'twice') });
    await rig.run(['build', '--no-image', '--no-typecheck']);

    const last = await rig.run(['metrics']);
    expect(last.code, last.stderr).toBe(0);
    expect(last.stdout).toMatch(/bundle:tools\/echo .*█.*ran .*tools\/echo\.ts changed/);
    expect(last.stdout).toMatch(/● critical path/);

    const runs = await rig.run(['metrics', '--runs']);
    expect(runs.stdout.trim().split('\n')).toHaveLength(3);

    const compared = await rig.run(['metrics', '--compare', '2', '1', '--json']);
    const { comparison } = compared.json() as unknown as { comparison: { cache: number; steps: readonly unknown[] } };
    expect(comparison.cache).toBeLessThan(0);
    expect((await rig.run(['metrics', '--compare', '2'])).stdout).toMatch(/machine .*\n\nstep/);
    const unknown = await rig.run(['metrics', '--compare', '9', '--json']);
    expect([unknown.code, unknown.json().code]).toEqual([2, 'RUN_UNKNOWN']);

    expect((await rig.run(['metrics', '--trend'])).stdout).toMatch(/2 builds are alike: 15 are needed/);
    const { summary } = (await rig.run(['metrics', '--json'])).json() as unknown as { summary: { version: number } };
    expect(summary.version).toBe(1);
    expect((await rig.run(['metrics', '--markdown'])).stdout).toMatch(/^### Build of project: succeeded in /);

    const views = ['--html', 'page.html', '--trace', 'out/t.json', '--otlp', 'o.json', '--prometheus', 'p.txt'];
    expect((await rig.run(['metrics', ...views])).code).toBe(0);
    expect(rig.read('page.html')).toContain('Server, tool by tool');
    expect(JSON.parse(rig.read('out/t.json'))).toHaveProperty('traceEvents');
    expect(JSON.parse(rig.read('o.json'))).toHaveProperty('resourceSpans');
    expect(rig.read('p.txt')).toContain('build_succeeded{build="project"} 1');
    expect(existsSync(join(rig.directory, 'out'))).toBe(true);
  });

  it('shows what is in a bundle: the modules of a tool, the files of packages', async () => {
    await using rig = await cliRig({
      'tools/echo.ts': `import { twice } from '../lib/twice.ts';\n${ECHO.replace('=> text', '=> twice(text)')}`,
      'lib/twice.ts': 'export const twice = (text: string): string => text + text;\n',
    });
    await rig.run(['build', '--no-image', '--no-typecheck', '--profile', 'optimized']);
    const { summary } = (await rig.run(['metrics', '--json'])).json() as unknown as { summary: BuildSummary };
    const server = summary.sizes.find(({ name }) => name.startsWith('Server'));
    const part = (size: SizeRecord | undefined, name: string) => size?.parts?.find((each) => each.name === name);
    const code = part(part(server, 'echo'), 'code');
    expect(code?.parts?.map(({ name }) => name).sort()).toEqual(['lib/twice.ts', 'tools/echo.ts']);
    const zod = part(part(server, 'deps'), 'deps/zod.js');
    expect(zod?.parts?.some(({ name }) => /^zod@\d[\d.]*\/.+\.js$/.test(name))).toBe(true);
  });

  it('leaves out a damaged build, and says so', async () => {
    await using rig = await cliRig();
    await rig.run(['build', '--no-image', '--no-typecheck']);
    const directory = join(rig.directory, '.cache/mcpgen/builds');
    const [file = ''] = readdirSync(directory);
    writeFileSync(join(directory, file), rig.read(`.cache/mcpgen/builds/${file}`).slice(0, 100));
    const ran = await rig.run(['metrics']);
    expect([ran.code, ran.stdout]).toEqual([0, 'No build has been measured yet\n']);
    expect(ran.stderr).toMatch(/Left out .*:1: .*JSON/);
  });
});
