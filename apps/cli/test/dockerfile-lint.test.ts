import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliRig } from './cli-rig.ts';

const NAIVE = 'FROM node:24-slim\nWORKDIR /app\nCOPY . .\n# all of it\nRUN npm install\nCMD npm start\n';

describe('mcpgen dockerfile lint', () => {
  it('says line, rule, reason, fix and cost, and fails', async () => {
    await using rig = await cliRig({ Dockerfile: NAIVE });
    const ran = await rig.run(['dockerfile', 'lint']);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('Dockerfile:3 warning copy-before-install, about 9 s\n');
    expect(ran.stdout).toContain('  try Copy package.json and the lockfile, install, then copy the rest.\n');
    expect(ran.stdout).toContain('  known from: npm ci of 85 MB of packages');
    expect(ran.stdout).toMatch(/\nDockerfile: \d+ warnings, \d+ hints?; 1 of them fixed by --fix\n$/);
  });

  it('looks at what lies beside the file', async () => {
    await using rig = await cliRig({ Dockerfile: NAIVE, '.env': 'TOKEN=planted' }, { modules: 'own' });
    await rig.write({ 'node_modules/a/index.js': 'x'.repeat(2_000_000) });
    const { findings, ...envelope } = (await rig.run(['dockerfile', 'lint', '--json'])).json();
    expect(envelope).toMatchObject({ status: 'error', code: 'LINT_FAILED', file: 'Dockerfile', fixed: [] });
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: 'context-not-ignored',
        message: '"node_modules" is copied: there is no .dockerignore',
        estimate: { amount: 2, unit: 'megabytes', basis: 'what node_modules holds here' },
      }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ rule: 'secret-not-ignored', severity: 'error' }));
    await rig.write({ '.dockerignore': 'node_modules\n**/.env\n' });
    const again = (await rig.run(['dockerfile', 'lint', '--json'])).json().findings as readonly {
      readonly rule: string;
    }[];
    expect(again.filter(({ rule }) => rule.includes('ignored'))).toEqual([]);
  });

  it('writes the safe fixes once, through a link, and keeps the rest', async () => {
    await using rig = await cliRig({ 'build/real': NAIVE, 'package-lock.json': '{}' });
    symlinkSync('build/real', join(rig.directory, 'Dockerfile'));
    const ran = await rig.run(['dockerfile', 'lint', '--fix', '--json', '--fail-on', 'never']);
    expect([ran.code, (ran.json().fixed as readonly unknown[]).length]).toEqual([0, 2]);
    const fixed = NAIVE.replace('npm install', 'npm ci').replace('CMD npm start', 'CMD ["npm", "start"]');
    expect(rig.read('build/real')).toBe(fixed);
    expect((await rig.run(['dockerfile', 'lint', '--fix', '--json'])).json().fixed).toEqual([]);
    expect(readFileSync(join(rig.directory, 'Dockerfile'), 'utf8')).toBe(fixed);
  });

  it('has nothing grave to say of what mcpgen writes', async () => {
    await using rig = await cliRig({ 'package-lock.json': '{}', 'tools/echo.ts': 'export default {};' });
    for (const variant of ['slim', 'alpine', 'distroless']) {
      await rig.run(['dockerfile', '--write', '--variant', variant]);
      const ran = await rig.run(['dockerfile', 'lint', '.']);
      expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('Dockerfile: 2 hints\n')]);
    }
  });

  it('speaks SARIF and GitHub', async () => {
    await using rig = await cliRig({ 'my app/Dockerfile': NAIVE });
    const sarif = JSON.parse((await rig.run(['dockerfile', 'lint', 'my app', '--format', 'sarif'])).stdout);
    const [result] = sarif.runs[0].results;
    expect(result.locations[0].physicalLocation).toMatchObject({
      artifactLocation: { uri: 'my%20app/Dockerfile' },
      region: { startLine: 1 },
    });
    expect(sarif.runs[0].tool.driver.rules.map((rule: { readonly id: string }) => rule.id)).toContain(result.ruleId);
    const github = (await rig.run(['dockerfile', 'lint', 'my app', '--format', 'github'])).stdout;
    expect(github).toMatch(
      /^::warning file=my app\/Dockerfile,line=3,endLine=3,title=copy-before-install::The whole context/m,
    );
  });

  it.each([
    ['nope', [], 2, 'FILE_MISSING'],
    ['binary', [], 2, 'FILE_NO_TEXT'],
    ['latin', [], 2, 'FILE_NO_TEXT'],
    ['long', [], 2, 'DOCKERFILE_TOO_LARGE'],
    ['empty', [], 1, 'LINT_FAILED'],
    ['Dockerfile', ['--ignore', 'no-such-rule'], 2, 'USAGE'],
    ['Dockerfile', ['--fail-on', 'error'], 0, 'LINTED'],
    ['Dockerfile', ['--context', 'nope'], 2, 'DIRECTORY_MISSING'],
  ])('answers for %s %j with one sentence', async (file, flags, exitCode, code) => {
    await using rig = await cliRig({
      Dockerfile: NAIVE,
      empty: '',
      long: 'RUN x\n'.repeat(40_000),
      binary: 'FROM a\0',
    });
    writeFileSync(join(rig.directory, 'latin'), Buffer.from([0x46, 0xe9, 0x0a]));
    const ran = await rig.run(['dockerfile', 'lint', file, '--json', ...flags]);
    expect([ran.code, ran.json().code]).toEqual([exitCode, code]);
    expect(ran.json().message).toMatch(/^[^\n]+$/);
  });
});
