import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DockerfileOptions } from './dockerfile-options.ts';
import { generateDockerfile } from './generate-dockerfile.ts';
import type { InstallPlan } from './package-manager.ts';
import { prebuiltServer } from './prebuilt-server.ts';

const npm: InstallPlan = {
  manager: 'npm',
  files: ['package.json', 'package-lock.json'],
  locked: true,
  npmrc: false,
  prepare: false,
};
const server = (install: Partial<InstallPlan> = {}) => ({ kind: 'server', install: { ...npm, ...install } }) as const;
const application = (install: Partial<InstallPlan> = {}) =>
  ({
    kind: 'application',
    install: { ...npm, ...install },
    buildScript: 'build',
    outputs: ['dist'],
    main: 'dist/index.js',
  }) as const;

const golden: Readonly<Record<string, DockerfileOptions>> = {
  'server-slim': { source: server(), labels: { 'org.opencontainers.image.title': 'Say "hello" for $5' } },
  'server-alpine-pnpm': {
    source: server({ manager: 'pnpm', version: '10.4.1', files: ['package.json', 'pnpm-lock.yaml', 'patches/'] }),
    variant: 'alpine',
    systemPackages: { build: ['python3', 'make', 'g++'], run: ['tini'] },
  },
  'server-distroless-bun': { source: server({ manager: 'bun' }), variant: 'distroless' },
  'application-slim': {
    source: application({ npmrc: true, prepare: true, files: [...npm.files, 'vendor/a.tgz', 'vendor/b.tgz'] }),
    systemPackages: { build: ['git'], run: ['tzdata'] },
    env: { TZ: 'UTC' },
  },
  'application-distroless-yarn': { source: application({ manager: 'yarn' }), variant: 'distroless' },
  'application-yarn-berry-unlocked': { source: application({ manager: 'yarn-berry', locked: false }) },
  prebuilt: { source: prebuiltServer('dist/server'), bases: { run: 'node:24-slim' }, port: 8080 },
};

describe('generateDockerfile', () => {
  it.each(Object.entries(golden))('writes %s', async (name, options) => {
    await expect(generateDockerfile(options)).toMatchFileSnapshot(`../../../test/golden/${name}.Dockerfile`);
  });

  it('installs what runs beside what builds: neither stage needs the other', () => {
    const stages = [...generateDockerfile({ source: application() }).matchAll(/^FROM (\S+) AS (\S+)$/gm)];
    expect(stages.map(([, from, name]) => `${name} on ${from}`)).toEqual([
      'base on node:24-slim',
      'dependencies on base',
      'production on base',
      'build on dependencies',
      'run on node:24-slim',
    ]);
  });

  it.each([
    [{ user: 'node' }, 'the user "node"'],
    [{ port: 0 }, 'the port "0"'],
    [{ nodeVersion: 24.1 }, 'the version of Node "24.1"'],
    [{ bases: { run: 'node:24 AS x\nRUN rm -rf /' } }, 'the base'],
    [{ env: { A: 'b\nRUN true' } }, 'the value'],
    [{ env: { 'A B': '1' } }, 'the name "A B"'],
    [{ systemPackages: { run: ['git; true'] } }, 'the system package'],
    [{ healthPath: "/'; process.exit(0)" }, 'the health path'],
    [{ source: { ...application(), main: '../x.js' } }, 'the path "../x.js"'],
    [{ source: { ...application(), buildScript: 'a && b' } }, 'the script'],
    [{ variant: 'distroless', systemPackages: { run: ['git'] } }, 'Cannot install packages in the "distroless" image'],
  ] as const)('refuses %j', (options, message) => {
    const attempt = () => generateDockerfile({ source: server(), ...options });
    expect(attempt).toThrow(expect.objectContaining({ code: 'DOCKERFILE_OPTION_INVALID' }));
    expect(attempt).toThrow(message);
  });

  it('lets no value out of its place, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        let text: string;
        try {
          text = generateDockerfile({ source: prebuiltServer('dist/server'), labels: { a: value }, env: { B: value } });
        } catch (error) {
          expect(error).toMatchObject({ code: 'DOCKERFILE_OPTION_INVALID' });
          return;
        }
        const lines = text.split('\n');
        expect(lines).toHaveLength(26);
        expect(lines.find((line) => line.startsWith('LABEL '))).toMatch(/^LABEL a="(?:[^"\\$]|\\["\\$])*"$/u);
      }),
    );
  });

  it('gives the same text whatever the order of names', () => {
    const source = prebuiltServer('dist/server');
    expect(generateDockerfile({ source, env: { A: '1', B: '2' } })).toBe(
      generateDockerfile({ env: { B: '2', A: '1' }, source }),
    );
  });
});
