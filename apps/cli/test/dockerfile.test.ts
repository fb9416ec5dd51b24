import { describe, expect, it } from 'vitest';
import { cliRig, ECHO } from './cli-rig.ts';

const LOCK = { 'package-lock.json': '{}' };

describe('mcpgen dockerfile', () => {
  it('prints a Dockerfile that builds the server inside, by the configuration', async () => {
    await using rig = await cliRig({
      ...LOCK,
      'tools/echo.ts': ECHO,
      'mcpgen.config.json': '{"title":"Echo","image":{"port":8080,"env":{"TZ":"UTC"},"labels":{"a":"b"}}}',
    });
    const ran = await rig.run(['dockerfile', '--variant', 'alpine', '--build-packages', 'git,make']);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain('package.json does not name mcpgen');
    for (const line of [
      'FROM node:24-alpine AS base',
      'RUN apk add --no-cache git make',
      'COPY package-lock.json package.json ./',
      'RUN --mount=type=cache,id=mcpgen-demo,target=/app/.cache/mcpgen,sharing=locked \\',
      '    PORT="8080" \\',
      '    TZ="UTC"',
      'EXPOSE 8080',
      'LABEL a="b" \\',
      '      org.opencontainers.image.title="Echo" \\',
    ]) {
      expect(ran.stdout.split('\n')).toContain(line);
    }
  });

  it('prints a .dockerignore that leaves in what the build reads', async () => {
    await using rig = await cliRig({ ...LOCK, 'tools/coverage/report.ts': ECHO, '.env': 'TOKEN=1' });
    const ran = await rig.run(['dockerfile', '--ignore-file']);
    expect(ran.stdout).toMatch(/^# The build reads these\n!tools\/coverage\/report\.ts\n$/m);
    expect(ran.stdout).toMatch(/^\*\*\/\.env$/m);
  });

  it('takes what was built before where it is asked to', async () => {
    await using rig = await cliRig();
    const { dockerfile, ignoreFile, kind } = (await rig.run(['dockerfile', '--json', '--prebuilt'])).json();
    expect(kind).toBe('prebuilt');
    expect(dockerfile).toContain('COPY --link dist/server/dep[s] ./deps/');
    expect(ignoreFile).toContain('!dist/server\n');
  });

  it('knows other projects of Node', async () => {
    await using rig = await cliRig({
      ...LOCK,
      'package.json': '{"name":"web","scripts":{"build":"tsc","start":"node dist/index.js"}}',
    });
    const ran = await rig.run(['dockerfile']);
    expect(ran.stdout).toContain('FROM base AS production\n');
    expect(ran.stdout).toContain('ENTRYPOINT ["node", "/app/dist/index.js"]');
  });

  it('takes everything beside a program at the root but what is not needed', async () => {
    const files = { 'index.js': '', 'lib/a.js': '', 'README.md': '', '.env': '', 'test/a.js': '' };
    await using rig = await cliRig(
      { ...LOCK, ...files, 'package.json': '{"name":"web","main":"index.js"}' },
      { modules: 'own' },
    );
    const ran = await rig.run(['dockerfile']);
    const copied = [...ran.stdout.matchAll(/^COPY --link --from=build \/app\/(\S+)/gm)].map(([, path]) => path);
    expect(copied).toEqual(['package.json', 'index.js', 'lib']);
  });

  it('writes both files, again where nobody edited them, and never over what somebody wrote', async () => {
    await using rig = await cliRig({ ...LOCK, 'tools/echo.ts': ECHO });
    expect((await rig.run(['dockerfile', '--write'])).code).toBe(0);
    const slim = rig.read('Dockerfile');
    expect((await rig.run(['dockerfile', '--write', '--variant', 'distroless'])).code).toBe(0);
    expect(rig.read('Dockerfile')).not.toBe(slim);

    await rig.write({ Dockerfile: `${slim}# mine\n` });
    const ignored = rig.read('.dockerignore');
    const ran = await rig.run(['dockerfile', '--write', '--json', '--prebuilt']);
    expect([ran.code, ran.json().code]).toEqual([2, 'FILE_TAKEN']);
    expect(ran.json().message).toBe('Cannot write "Dockerfile": it is not as mcpgen wrote it, or not of mcpgen at all');
    expect([rig.read('Dockerfile'), rig.read('.dockerignore')]).toEqual([`${slim}# mine\n`, ignored]);
  });

  it.each([
    [{ 'package.json': '{"name":"a"}' }, [], 'PROJECT_EMPTY'],
    [{ 'package.json': '{"name":"a","main":"a.js"}' }, ['--prebuilt'], 'USAGE'],
    [{ 'tools/echo.ts': ECHO }, ['--base', 'a b'], 'DOCKERFILE_OPTION_INVALID'],
    [{ 'tools/echo.ts': ECHO }, ['--variant', 'distroless', '--packages', 'git'], 'DOCKERFILE_OPTION_INVALID'],
    [{ 'tools/echo.ts': ECHO }, ['--write', '--ignore-file'], 'USAGE'],
  ])('says what is wrong with %j and %j', async (files, flags, code) => {
    await using rig = await cliRig(files);
    const ran = await rig.run(['dockerfile', '--json', ...flags]);
    expect([ran.code, ran.json().code]).toEqual([2, code]);
  });
});
