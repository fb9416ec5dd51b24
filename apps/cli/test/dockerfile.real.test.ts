import { execFileSync } from 'node:child_process';
import { connectDocker } from '@mcpgen/docker';
import { freePort, serviceForTest } from '@mcpgen/testing';
import { describe, expect, it } from 'vitest';
import { type CliRig, cliRig, ECHO } from './cli-rig.ts';
import { type BuiltStep, dockerBuild } from './docker-build.ts';

const docker = serviceForTest('MCPGEN_TEST_DOCKER_HOST', {
  script: 'scripts/services/start-docker.sh',
  environment: process.env,
});
const bases = serviceForTest('MCPGEN_TEST_NODE_BASES', {
  script: 'scripts/services/make-node-bases.sh',
  environment: process.env,
});
for (const service of [docker, bases]) {
  if (service.kind === 'absent') process.stderr.write(`skipped: dockerfile.real.test.ts: ${service.reason}\n`);
}
const isAbsent = docker.kind === 'absent' || bases.kind === 'absent';

describe.skipIf(isAbsent)('a generated Dockerfile, built by Docker', { timeout: 300_000 }, () => {
  const host = docker.kind === 'present' ? docker.address : '';
  const base = (name: string) => `${bases.kind === 'present' ? bases.address : ''}:24-${name}`;

  async function build(rig: CliRig, tag: string, ...flags: readonly string[]): Promise<readonly BuiltStep[]> {
    const ran = await rig.run(['dockerfile', '--write', '--build-base', base('slim'), ...flags]);
    expect(ran.code, ran.stderr).toBe(0);
    return dockerBuild(host, rig.directory, tag);
  }

  it.each(['slim', 'distroless'])('serves what was built before, on %s', async (variant) => {
    await using rig = await cliRig({
      'tools/echo.ts': ECHO,
      'tools/who.ts': ECHO.replace('=> text', '=> String(process.getuid?.())'),
      '.env': 'TOKEN=planted',
    });
    await rig.run(['build', '--no-image']);
    const engine = await connectDocker({ host });
    const tag = `mcpgen-test/prebuilt-${variant}`;
    const flags = ['--prebuilt', '--variant', variant, '--base', base(variant)];
    try {
      await build(rig, tag, ...flags);
      const port = await freePort();
      await using container = await engine.startContainer({
        image: tag,
        network: 'host',
        env: { PORT: String(port) },
        hardened: true,
      });
      expect(await call(port, 'echo', container.logs)).toBe('hello');
      expect(await call(port, 'who', container.logs)).toBe('65532');
      await container.stop();
      expect(await container.wait()).toBe(0);

      await rig.write({ 'tools/echo.ts': ECHO.replace('=> text', '=> text.toUpperCase()') });
      await rig.run(['build', '--no-image']);
      const again = await build(rig, tag, ...flags);
      expect(copies(again, /deps|runtime/).every(({ cached }) => cached)).toBe(true);
      expect(copies(again, /modules\//).some(({ cached }) => !cached)).toBe(true);
    } finally {
      await engine.removeImage(tag);
    }
  });

  it('installs, builds and ships a project of Node with its production dependencies alone', async () => {
    const main = `import { greet } from 'chalk-free-greeting';\nconsole.log(greet(), process.getuid());\n`;
    await using rig = await cliRig(
      {
        'package.json': JSON.stringify({
          name: 'web',
          type: 'module',
          scripts: { build: 'node build.js', start: 'node dist/index.js', prepare: 'exit 1' },
          dependencies: { 'chalk-free-greeting': 'file:chalk-free-greeting-1.0.0.tgz' },
          devDependencies: { 'only-for-tests': 'file:only-for-tests-1.0.0.tgz' },
        }),
        'build.js': `import 'only-for-tests';\nimport { cpSync } from 'node:fs';\ncpSync('src', 'dist', { recursive: true });\n`,
        'src/index.js': main,
        'vendor/greeting/package.json':
          '{"name":"chalk-free-greeting","version":"1.0.0","type":"module","exports":"./index.js"}',
        'vendor/greeting/index.js': `export const greet = () => 'hello';\n`,
        'vendor/only-for-tests/package.json':
          '{"name":"only-for-tests","version":"1.0.0","type":"module","exports":"./index.js"}',
        'vendor/only-for-tests/index.js': 'export {};\n',
        '.env': 'TOKEN=planted',
      },
      { modules: 'own' },
    );
    const npm = (...args: readonly string[]) => execFileSync('npm', args, { cwd: rig.directory, stdio: 'pipe' });
    npm('pack', './vendor/greeting', './vendor/only-for-tests');
    npm('install', '--package-lock-only', '--ignore-scripts', '--offline');
    const engine = await connectDocker({ host });
    const tag = 'mcpgen-test/application';
    try {
      await build(rig, tag, '--base', base('slim'));
      expect(await engine.runContainer({ image: tag, network: 'host', hardened: true })).toMatchObject({
        exitCode: 0,
        stdout: 'hello 65532\n',
      });
      const shown = await engine.runContainer({
        image: tag,
        network: 'host',
        entrypoint: ['find'],
        args: ['/app', '-not', '-type', 'd'],
      });
      const files = shown.stdout.trim().split('\n');
      expect(files).toContain('/app/dist/index.js');
      expect(files.filter((path) => /only-for-tests|\.env|\.npmrc|build\.js/.test(path))).toEqual([]);

      await rig.write({ 'src/index.js': `${main}console.log('again');\n` });
      const again = await build(rig, tag, '--base', base('slim'));
      expect(again.filter(({ name }) => /npm ci/.test(name)).map(({ cached }) => cached)).toEqual([true, true]);
      expect(copies(again, /node_modules/).every(({ cached }) => cached)).toBe(true);
      expect((await engine.runContainer({ image: tag, network: 'host' })).stdout).toBe('hello 65532\nagain\n');
    } finally {
      await engine.removeImage(tag);
    }
  });
});

function copies(steps: readonly BuiltStep[], pattern: RegExp): readonly BuiltStep[] {
  const found = steps.filter(({ name }) => name.includes('COPY --link') && pattern.test(name));
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** Calls a tool, as soon as the server listens; the test's own time limit ends it. */
async function call(port: number, name: string, logs: () => Promise<unknown>): Promise<string> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name, arguments: { text: 'hello' } },
  });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2025-11-25',
  };
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST', headers, body }).catch(
      () => undefined,
    );
    if (response === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    const answer = JSON.parse(await response.text());
    expect(answer.result?.content, JSON.stringify([answer, await logs()])).toBeDefined();
    return answer.result.content[0].text;
  }
}
