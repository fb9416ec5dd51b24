import { once } from 'node:events';
import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';

const BUILD = ['build', '--no-image', '--no-typecheck'];

async function callEcho(rig: CliRig): Promise<unknown> {
  const client = new Client({ name: 'test', version: '1' });
  const args = [join(rig.directory, 'dist/server/main.js'), '--stdio'];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  try {
    return (await client.callTool({ name: 'echo', arguments: { text: 'Ada' } })).content;
  } finally {
    await client.close();
  }
}

describe('mcpgen build', () => {
  it('is run four times at once, and leaves a server that works', async () => {
    await using rig = await cliRig({ 'lib/more.ts': 'export const more = 1;\n', 'tools/echo.ts': ECHO });
    for (const round of [0, 1]) {
      // Each round has files that the one before had not, and lacks some of it.
      await rig.write({ [`tools/extra${round}.ts`]: ECHO });
      rmSync(join(rig.directory, `tools/extra${round - 1}.ts`), { force: true });
      const profiles = ['fast', 'standard', 'optimized', 'fast'];
      const children = profiles.map((profile) => rig.start([...BUILD, '--profile', profile]));
      const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
      expect(codes).toEqual([0, 0, 0, 0]);
      expect(await callEcho(rig)).toEqual([{ type: 'text', text: 'Ada' }]);
      expect(existsSync(join(rig.directory, `dist/server/modules/tools/extra${round}.js`))).toBe(true);
      expect(existsSync(join(rig.directory, `dist/server/modules/tools/extra${round - 1}.js`))).toBe(false);
    }
  }, 120_000);

  it.each([
    ['server', 'app/server/index.js', ['--no-image']],
    ['image', 'app/image/photo.png', []],
  ])("refuses an output directory with somebody else's %s, and writes nothing", async (_what, file, flags) => {
    await using rig = await cliRig({ 'tools/echo.ts': ECHO, [file]: 'precious' });
    const ran = await rig.run(['build', '--no-typecheck', '--out', 'app', ...flags, '--json']);
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({
      code: 'OUTPUT_NOT_EMPTY',
      message: expect.stringMatching(/^Cannot write to ".*app\/(server|image)": it holds files that no build wrote$/),
      fix: expect.stringContaining('--out'),
    });
    expect(rig.read(file)).toBe('precious');
    expect(existsSync(join(rig.directory, 'app/server/manifest.json'))).toBe(false);
    expect(existsSync(join(rig.directory, '.cache'))).toBe(false);
  });

  it("removes what an earlier build of any profile published, and nothing of the user's", async () => {
    await using rig = await cliRig({ 'tools/echo.ts': ECHO, 'tools/old.ts': ECHO });
    expect((await rig.run([...BUILD, '--profile', 'fast'])).code).toBe(0);
    await rig.write({ 'dist/server/notes.txt': 'mine', 'dist/server/modules/mine.js': 'mine' });
    rmSync(join(rig.directory, 'tools/old.ts'));
    expect((await rig.run([...BUILD, '--profile', 'standard'])).code).toBe(0);
    expect(existsSync(join(rig.directory, 'dist/server/modules/tools/old.js'))).toBe(false);
    expect(existsSync(join(rig.directory, 'dist/server/modules/tools/echo.js'))).toBe(true);
    expect([rig.read('dist/server/notes.txt'), rig.read('dist/server/modules/mine.js')]).toEqual(['mine', 'mine']);

    // Without the memory, a manifest of ours says that the server is a build's; what is beside it is the user's still.
    rmSync(join(rig.directory, '.cache'), { recursive: true });
    expect((await rig.run(BUILD)).code).toBe(0);
    expect(rig.read('dist/server/notes.txt')).toBe('mine');
    expect(existsSync(join(rig.directory, 'dist/server/modules/mine.js'))).toBe(false);
  });

  it('publishes through a link, and removes nothing behind it', async () => {
    await using rig = await cliRig({ 'tools/echo.ts': ECHO, 'tools/old.ts': ECHO });
    expect((await rig.run(BUILD)).code).toBe(0);
    renameSync(join(rig.directory, 'dist/server'), join(rig.directory, 'elsewhere'));
    symlinkSync('../elsewhere', join(rig.directory, 'dist/server'));
    rmSync(join(rig.directory, 'tools/old.ts'));
    expect((await rig.run(BUILD)).code).toBe(0);
    expect(rig.read('elsewhere/lists/tools.json')).not.toContain('old');
    expect(existsSync(join(rig.directory, 'elsewhere/modules/tools/old.js'))).toBe(true);
  });
});
