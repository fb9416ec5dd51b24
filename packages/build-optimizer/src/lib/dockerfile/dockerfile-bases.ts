import type { DockerfileOptions, DockerfileVariant } from './dockerfile-options.ts';
import { noPackageManager, optionInvalid } from './errors.ts';

/** What an image is made on, resolved. */
export interface DockerfileBases {
  readonly build: string;
  readonly run: string;
  /** How the base that runs calls Node. */
  readonly node: string;
}

const VARIANTS: Readonly<Record<DockerfileVariant, (node: number) => Omit<DockerfileBases, 'node'>>> = {
  slim: (node) => ({ build: `node:${node}-slim`, run: `node:${node}-slim` }),
  alpine: (node) => ({ build: `node:${node}-alpine`, run: `node:${node}-alpine` }),
  // Both of Debian 12: native packages are linked against the C library of where they were installed.
  distroless: (node) => ({
    build: `node:${node}-bookworm-slim`,
    run: `gcr.io/distroless/nodejs${node}-debian12:nonroot`,
  }),
};

export function dockerfileBases(
  options: Pick<DockerfileOptions, 'variant' | 'nodeVersion' | 'bases' | 'node'>,
): DockerfileBases {
  const { variant = 'slim', nodeVersion = 24, bases = {} } = options;
  if (!Number.isInteger(nodeVersion) || nodeVersion < 18) {
    throw optionInvalid('version of Node', String(nodeVersion), 'its major version, such as 24');
  }
  const defaults = VARIANTS[variant](nodeVersion);
  const run = reference(bases.run ?? defaults.run);
  const build = reference(bases.build ?? defaults.build);
  return { build, run, node: options.node ?? (run.includes('distroless/nodejs') ? '/nodejs/bin/node' : 'node') };
}

/** One layer of packages of the system; nothing of the package manager's own files stays in it. */
export function systemPackageLines(
  variant: DockerfileVariant,
  packages: readonly string[],
  stage: 'build' | 'run',
): readonly string[] {
  if (packages.length === 0) return [];
  for (const name of packages) {
    if (!/^[A-Za-z0-9][\w.+:=~-]*$/.test(name)) throw optionInvalid('system package', name, 'the name of a package');
  }
  if (variant === 'alpine') return [`RUN apk add --no-cache ${packages.join(' ')}`];
  if (variant === 'distroless' && stage === 'run') throw noPackageManager();
  return [
    'RUN --mount=type=cache,id=apt-archives,target=/var/cache/apt,sharing=locked \\',
    '    --mount=type=cache,id=apt-lists,target=/var/lib/apt/lists,sharing=locked \\',
    '    rm -f /etc/apt/apt.conf.d/docker-clean \\',
    '    && apt-get update \\',
    `    && apt-get install --yes --no-install-recommends ${packages.join(' ')}`,
  ];
}

/** A reference, or a stage or variable of the Dockerfile. */
function reference(text: string): string {
  if (/^[\w$][\w.${}:@/-]*$/.test(text)) return text;
  throw optionInvalid('base', text, 'a reference such as node:24-slim');
}
