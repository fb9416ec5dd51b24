import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { BIN, cliRig, ECHO, REPOSITORY } from './cli-rig.ts';

const INITIALIZE =
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}\n';

describe('mcpgen', () => {
  it('prints help on stdout and says that there is no telemetry', async () => {
    await using rig = await cliRig();
    const ran = await rig.run(['--help']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/no telemetry/);
    for (const command of ['init', 'build', 'start', 'dev', 'explain', 'cache', 'doctor'])
      expect(ran.stdout).toContain(command);
  });

  it.each([
    ['an unknown command', ['bild'], /did you mean.*build/],
    ['an unknown flag', ['build', '--nope'], /--nope/],
    ['a wrong value', ['build', '--profile', 'fst'], /fast/],
    ['a missing directory', ['build', 'nowhere'], /nowhere/],
    ['a wrong number', ['build', '--concurrency', '0'], /0 steps/],
  ])('says what is wrong with %s, with exit code 2', async (_what, args, says) => {
    await using rig = await cliRig();
    const plain = await rig.run(args);
    expect(plain.code).toBe(2);
    expect(plain.stderr).toMatch(says);
    expect(plain.stdout).toBe('');
    const ran = await rig.run([...args, '--json']);
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({
      status: 'error',
      message: expect.stringMatching(says),
      fix: expect.any(String),
    });
    expect(existsSync(join(rig.directory, 'nowhere'))).toBe(false);
  });
});

describe('mcpgen in a directory that was removed', () => {
  it('says so, with exit code 3', async () => {
    await using rig = await cliRig();
    const gone = join(rig.directory, 'gone');
    await rig.write({ 'gone/file': '' });
    const child = spawn(
      'sh',
      ['-c', 'rm -r "$1" && exec "$2" --conditions=@mcpgen/source "$3" build', '', gone, process.execPath, BIN],
      {
        cwd: gone,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(said).toContain('Cannot start: the current directory no longer exists');
    expect(said).not.toContain('    at ');
    expect(code).toBe(3);
  });
});

describe('mcpgen init', () => {
  it.each(['basic', 'sql', 'http'])(
    'makes a project from the template %s that type-checks, builds and answers',
    async (template) => {
      await using rig = await cliRig({});
      const created = await rig.run(['init', 'server', '--template', template, '--json']);
      expect(created.code, created.stderr).toBe(0);
      expect(created.json()).toMatchObject({ code: 'CREATED', next: expect.any(Array) });
      const project = join(rig.directory, 'server');
      symlinkSync(join(REPOSITORY, 'apps/cli/node_modules'), join(project, 'node_modules'));
      const built = await rig.run(['build', 'server', '--no-image', '--no-typecheck', '--json']);
      expect(built.code, built.stdout).toBe(0);
      const started = rig.start(['start', 'server', '--stdio']);
      started.stdin?.end();
      const server = spawn(process.execPath, [join(project, 'dist/server/main.js'), '--stdio'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      server.stdin.write(INITIALIZE);
      const [line] = await once(createInterface({ input: server.stdout }), 'line');
      expect(JSON.parse(String(line))).toMatchObject({ id: 1, result: { capabilities: { tools: {} } } });
      server.stdin.end();
      await once(server, 'exit');
      started.kill('SIGKILL');
    },
  );

  it('refuses a directory with files in it, and a template that does not exist', async () => {
    await using rig = await cliRig();
    const full = await rig.run(['init', '.', '--json']);
    expect([full.code, full.json().code]).toEqual([2, 'DIRECTORY_NOT_EMPTY']);
    const unknown = await rig.run(['init', 'x', '--template', 'cobol', '--json']);
    expect([unknown.code, unknown.json().code]).toEqual([2, 'TEMPLATE_UNKNOWN']);
    expect(existsSync(join(rig.directory, 'x'))).toBe(false);
  });
});

describe('mcpgen start', () => {
  it('says to build first where nothing is built', async () => {
    await using rig = await cliRig();
    const ran = await rig.run(['start', '--json']);
    expect([ran.code, ran.json().code]).toEqual([2, 'SERVER_NOT_BUILT']);
  });

  it('serves over HTTP until it is told to stop', async () => {
    await using rig = await cliRig();
    await rig.run(['build', '--no-image']);
    const child = rig.start(['start', '--port', '0']);
    let log = '';
    child.stderr?.setEncoding('utf8');
    for await (const chunk of child.stderr ?? []) {
      log += chunk;
      const url = /http:\S+/.exec(log)?.[0];
      if (url === undefined) continue;
      expect((await fetch(new URL('/healthz', url))).status).toBe(200);
      child.kill('SIGTERM');
      break;
    }
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});

describe('mcpgen explain', () => {
  it('names the file that changed, and builds nothing', async () => {
    await using rig = await cliRig();
    await rig.run(['build', '--no-image']);
    await rig.write({ 'tools/echo.ts': ECHO.replace('Says', 'Repeats') });
    const before = rig.read('dist/server/lists/tools.json');
    const ran = await rig.run(['explain', '--json']);
    const steps = ran.json().steps as readonly {
      readonly name: string;
      readonly action: string;
      readonly reason: string;
    }[];
    expect(steps.find(({ name }) => name === 'bundle:tools/echo')).toMatchObject({
      action: 'run',
      reason: 'tools/echo.ts changed',
    });
    expect(steps.find(({ name }) => name === 'deps')).toMatchObject({ action: 'fresh' });
    expect(rig.read('dist/server/lists/tools.json')).toBe(before);
    expect((await rig.run(['explain'])).stdout).toContain('tools/echo.ts changed');
  });
});

describe('mcpgen doctor', () => {
  it('finds what a build needs, and says what each missing thing is for', async () => {
    await using rig = await cliRig();
    const ran = await rig.run(['doctor', '--json'], { env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    expect(ran.code).toBe(0);
    const findings = ran.json().findings as readonly {
      readonly name: string;
      readonly state: string;
      readonly fix?: string;
    }[];
    expect(findings.find(({ name }) => name === 'Bundler')).toMatchObject({ state: 'ok' });
    expect(findings.find(({ name }) => name === 'Docker')).toMatchObject({
      state: 'absent',
      fix: expect.stringContaining('--load'),
    });
  });
});
