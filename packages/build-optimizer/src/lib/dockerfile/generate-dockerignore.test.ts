import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDockerignore, dockerignoreFilter } from './check-dockerignore.ts';
import { generateDockerignore } from './generate-dockerignore.ts';
import { lintDockerfile } from './lint/lint-dockerfile.ts';

const UNWANTED = [
  '.git/config',
  'node_modules/zod/index.js',
  'packages/a/node_modules/zod/index.js',
  'dist/server/main.js',
  '.cache/mcpgen/content/ab',
  'tools/echo.test.ts',
  'test/echo.ts',
  'npm-debug.log',
  'logs/today.txt',
];
const SECRETS = [
  '.env',
  '.env.local',
  'config/.env.production',
  '.npmrc',
  'config/tls.pem',
  'secrets/token',
  '.ssh/id_rsa',
  'id_ed25519',
];

describe('generateDockerignore', () => {
  it('leaves out what no build needs, and secrets', () => {
    expect(checkDockerignore(generateDockerignore(), { unwanted: [...UNWANTED, ...SECRETS] })).toEqual([]);
  });

  it('leaves nothing of what the linter asks to leave out', () => {
    const text = generateDockerignore({ cacheDirectory: '.cache/mcpgen' });
    const entries = ['.cache', '.git', 'node_modules', 'coverage', '.turbo'].map((path) => {
      return { path, bytes: 1, more: false };
    });
    const facts = { known: true, ignoreFile: text, entries };
    expect(lintDockerfile('FROM node:24-slim\nCOPY . .\n', { facts }).map(({ rule }) => rule)).not.toContain(
      'context-not-ignored',
    );
  });

  it('leaves in what builds need', () => {
    const needs = [
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'tools/test/echo.ts',
      'mcpgen.config.ts',
      'lib/log.ts',
    ];
    expect(checkDockerignore(generateDockerignore(), { needs })).toEqual([]);
  });

  it('brings back what a pattern would leave out, but no secret', () => {
    const needs = ['tools/coverage/report.ts', 'test/tool.ts', '.env', 'tools/key.pem'];
    const text = generateDockerignore({ needs });
    expect(checkDockerignore(text, { needs })).toEqual([
      { kind: 'needed-but-left-out', path: '.env' },
      { kind: 'needed-but-left-out', path: 'tools/key.pem' },
    ]);
    expect(checkDockerignore(text, { unwanted: ['test/other.ts', 'tools/coverage/index.html'] })).toEqual([]);
  });

  it('lets nothing in but one directory where only that is wanted', () => {
    const isLeftOut = dockerignoreFilter(generateDockerignore({ only: 'dist/server' }));
    const paths = [
      'package.json',
      '.env',
      'dist/image/index.json',
      'dist/server/main.js',
      'dist/server/modules/a.js.map',
    ];
    expect(paths.filter((path) => !isLeftOut(path))).toEqual(['dist/server/main.js']);
  });

  it('refuses a directory that leads out of the project', () => {
    expect(() => generateDockerignore({ outDirectory: '../dist' })).toThrow('the path "../dist"');
  });
});

describe('dockerignoreFilter', () => {
  it('follows the rules of Docker: patterns count from the root, later ones win', () => {
    const isLeftOut = dockerignoreFilter('# a comment\n*.log\n**/*.tmp\nbuild\n!build/keep\n/abs\n');
    const paths = ['a.log', 'x/a.log', 'x/a.tmp', 'build/a', 'build/keep', 'abs', 'x/abs', 'BUILD/a'];
    expect(paths.filter(isLeftOut)).toEqual(['a.log', 'x/a.tmp', 'build/a', 'abs']);
  });

  it('passes over what builders refuse, and names it', () => {
    expect(dockerignoreFilter('[\nlogs\n')('logs/a')).toBe(true);
    expect(checkDockerignore('[\nlogs\n', {})).toEqual([{ kind: 'invalid-pattern', path: '[' }]);
  });

  it('survives any text', { timeout: 20_000 }, () => {
    const line = fc.string({ unit: fc.constantFrom('*', '?', '[', ']', '!', '\\', '/', 'a', '.', '-', ' ', '\n') });
    fc.assert(fc.property(line, (text) => typeof dockerignoreFilter(text)('a/aaaaaaaaaa/a.a-a') === 'boolean'));
  });
});
