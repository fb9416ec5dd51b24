import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateDockerfile, generateDockerignore, readNodeProject } from '@mcpgen/build-optimizer/dockerfile';
import type { ProjectForm } from './image-projects.ts';

/** What the benchmark needs of the machine. */
export interface Machine {
  /** `127.0.0.1:5000` */
  readonly registry: string;
  /** With npm, and with what runs Node alone: in that registry. */
  readonly slim: string;
  readonly distroless: string;
  /** `DOCKER_HOST`, `DOCKER_CONFIG` and `PATH` among it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A way to an image in the registry. */
export interface ImageBuilder {
  readonly form: ProjectForm;
  /** Builds and pushes. Milliseconds. */
  build(directory: string, cache?: RemoteCache): number;
  /** Forgets all that it keeps on this machine beside the project. */
  forget(): void;
}

/** Reads and writes, or reads alone, what is kept in the registry under this name. */
export interface RemoteCache {
  readonly name: string;
  readonly kind: 'max' | 'inline';
}

export type BuilderName = 'naive' | 'ordered' | 'builder docker' | 'daemonless';

export function imageBuilders(machine: Machine): Readonly<Record<BuilderName, ImageBuilder>> {
  const forget = (): void => run(machine, ['docker', 'builder', 'prune', '--all', '--force'], '/');
  const dockerfile = (name: BuilderName, text: (directory: string) => string, ignore: string): ImageBuilder => ({
    form: 'sdk',
    forget,
    build(directory, cache) {
      writeFileSync(join(directory, 'Dockerfile'), text(directory));
      writeFileSync(join(directory, '.dockerignore'), ignore);
      return timed(() => run(machine, buildxArguments(`${machine.registry}/bench/${name}:1`, cache), directory));
    },
  });
  const mcpgen = (flags: readonly string[], name: string): ImageBuilder => ({
    form: 'mcpgen',
    forget,
    build(directory, cache) {
      const caches = cache === undefined ? [] : ['--cache-from', cache.name, '--cache-to', cache.name];
      const push = ['--push', `${machine.registry}/bench/${name}:1`];
      const args = ['build', '--no-typecheck', '--base', machine.distroless, ...flags, ...push, ...caches];
      return timed(() => run(machine, [process.execPath, COMMAND, ...args], directory));
    },
  });
  return {
    naive: dockerfile('naive', () => naiveDockerfile(machine.slim), ''),
    ordered: dockerfile('ordered', (directory) => orderedDockerfile(directory, machine.slim), generateDockerignore()),
    'builder docker': mcpgen(['--builder', 'docker'], 'docker'),
    daemonless: mcpgen([], 'daemonless'),
  };
}

const COMMAND = fileURLToPath(new URL('../../apps/cli/dist/bin.js', import.meta.url));

function buildxArguments(tag: string, cache: RemoteCache | undefined): readonly string[] {
  return [
    ...['docker', 'buildx', 'build', '--network=host', '--provenance=false', '--push', `--tag=${tag}`],
    ...(cache?.kind === 'max'
      ? [`--cache-from=type=registry,ref=${cache.name}`, `--cache-to=type=registry,ref=${cache.name},mode=max`]
      : []),
    ...(cache?.kind === 'inline' ? [`--cache-from=type=registry,ref=${tag}`, '--cache-to=type=inline'] : []),
    '.',
  ];
}

function naiveDockerfile(base: string): string {
  return `FROM ${base}\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build\nCMD ["node", "dist/index.js"]\n`;
}

/** The one that mcpgen writes for a project of Node. */
function orderedDockerfile(directory: string, base: string): string {
  const { install } = readNodeProject(directory);
  return generateDockerfile({
    bases: { build: base, run: base },
    source: { kind: 'application', install, buildScript: 'build', outputs: ['dist'], main: 'dist/index.js' },
  });
}

function timed(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

function run({ environment }: Machine, [program = '', ...args]: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(program, args, { cwd, env: { ...environment }, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`Cannot run "${program} ${args.join(' ')}": it ended with ${status}: ${stderr.slice(-2000)}`);
}

/** Compressed bytes of an image, and milliseconds that an engine takes to pull and unpack it. */
export function measureImage(machine: Machine, name: string): { readonly bytes: number; readonly pull: number } {
  const reference = `${machine.registry}/bench/${name}:1`;
  const manifest: unknown = JSON.parse(
    execFileSync('crane', ['manifest', '--insecure', '--platform', 'linux/amd64', reference], {
      encoding: 'utf8',
      env: { ...machine.environment },
    }),
  );
  spawnSync('docker', ['image', 'rm', '--force', reference], { env: { ...machine.environment } });
  return {
    bytes: layerBytes(manifest),
    pull: timed(() => run(machine, ['docker', 'pull', '--quiet', reference], '/')),
  };
}

function layerBytes(manifest: unknown): number {
  const { layers } = manifest as { readonly layers: readonly { readonly size: number }[] };
  return layers.reduce((sum, { size }) => sum + size, 0);
}
