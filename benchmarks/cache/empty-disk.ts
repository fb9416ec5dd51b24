// What a machine of a pipeline that begins with an empty disk takes to build an example and push its image: mcpgen with a cache
// in a registry, and the well-ordered Dockerfile beside this file with a cache in the same registry, all its stages kept
// (mode=max). Wall milliseconds.
//
//   MCPGEN_TEST_REGISTRY            with node:24-build and node:24-distroless, see scripts/services
//   MCPGEN_BENCHMARK_DOCKER_HOST    an engine of its own: all that it keeps is removed before each build
//   MCPGEN_BENCHMARK_PACKED         a directory with the tarballs of our packages, as `pnpm pack` makes them
//
// `docker buildx` must be there.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureTogether } from '../lib/measure-together.ts';
import { report } from '../lib/report.ts';
import { remove, scratchDirectory } from './tree.ts';

const registry = needed('MCPGEN_TEST_REGISTRY');
const dockerHost = needed('MCPGEN_BENCHMARK_DOCKER_HOST');
const packed = needed('MCPGEN_BENCHMARK_PACKED');
const example = fileURLToPath(new URL('../../examples/pure', import.meta.url));
const dockerfile = fileURLToPath(new URL('empty-disk-fixture/Dockerfile', import.meta.url));
const scratch = scratchDirectory();
const repository = `${registry}/mcpgen-benchmark/${randomUUID()}`;
const BASE = `${registry}/node:24-distroless`;

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: see the head of this file`);
  return value;
}

/** The example with its packages from tarballs, since they are in no registry of packages yet, and a lockfile. */
function createSources(): string {
  const sources = join(scratch, 'sources');
  for (const name of ['tools', 'lib', 'mcpgen.config.ts'])
    cpSync(join(example, name), join(sources, name), { recursive: true });
  cpSync(packed, join(sources, 'packed'), { recursive: true });
  const zod = JSON.parse(readFileSync(join(example, 'node_modules/zod/package.json'), 'utf8')).version;
  const ours = readdirSync(packed).map((file) => {
    const name = file.replace(/-\d.*$/, '').replace(/^mcpgen-/, '@mcpgen/');
    return [name, `file:packed/${file}`] as const;
  });
  const dependencies = Object.fromEntries([['zod', zod], ...ours]);
  const manifest = { name: 'everyday', version: '1.0.0', private: true, type: 'module', dependencies };
  writeFileSync(join(sources, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(sources, '.dockerignore'), 'node_modules\ndist\n.cache\n');
  execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--silent'], { cwd: sources });
  return sources;
}

const sources = createSources();
let edits = 0;

/** A checkout on an empty disk, with one tool edited or as it was. */
function checkout(edited: boolean): string {
  const directory = join(scratch, 'checkout');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  cpSync(sources, directory, { recursive: true });
  if (edited) appendFileSync(join(directory, 'tools/list-units.ts'), `\nexport const edit = ${++edits};\n`);
  return directory;
}

function docker(args: readonly string[], directory: string): void {
  const env = { ...process.env, DOCKER_HOST: dockerHost };
  execFileSync('docker', args, { cwd: directory, env, stdio: ['ignore', 'ignore', 'pipe'] });
}

function buildByDocker(directory: string): void {
  const cache = `type=registry,ref=${repository}/docker-cache:main`;
  const bases = ['--build-arg', `BUILD_BASE=${registry}/node:24-build`, '--build-arg', `BASE=${BASE}`];
  const caches = ['--cache-from', cache, '--cache-to', `${cache},mode=max`];
  const target = ['--push', '--tag', `${repository}/docker:1`];
  const flags = ['--network=host', '--provenance=false', '--file', dockerfile, ...bases, ...caches, ...target];
  docker(['buildx', 'build', ...flags, '.'], directory);
}

/** As it is installed on the machine, as Docker is. Packages are not: a plan is made by the lockfile. */
function buildByMcpgen(directory: string): void {
  const cache = `${repository}/mcpgen-cache:main`;
  const flags = ['--no-typecheck', '--profile', 'optimized', '--base', BASE, '--push', `${repository}/mcpgen:1`];
  const args = [
    join(scratch, 'command/node_modules/mcpgen/dist/bin.js'),
    'build',
    '--cache-from',
    cache,
    '--cache-to',
    cache,
  ];
  execFileSync(process.execPath, [...args, ...flags], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
}

function installCommand(): void {
  const directory = join(scratch, 'command');
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), '{"private":true}');
  const tarballs = readdirSync(packed).map((file) => join(packed, file));
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--silent', ...tarballs], { cwd: directory });
}

async function measure(variant: string): Promise<readonly number[]> {
  const [tool, what] = variant.split(', ');
  const directory = checkout(what === 'edited');
  if (tool === 'docker') {
    docker(['buildx', 'prune', '--all', '--force'], directory);
    docker(['system', 'prune', '--all', '--force'], directory);
  }
  const began = performance.now();
  (tool === 'docker' ? buildByDocker : buildByMcpgen)(directory);
  return [performance.now() - began];
}

const builds = (what: string, atMost: number) =>
  measureTogether({
    name: `empty disk, ${what}`,
    variants: [`docker, ${what}`, `mcpgen, ${what}`],
    rounds: 2,
    measure,
    metrics: [{ name: 'wall', unit: 'ms', targets: [{ variant: `mcpgen, ${what}`, kind: 'ratio', atMost }] }],
  });

try {
  // Both caches are filled by a first build.
  buildByDocker(checkout(false));
  installCommand();
  const first = checkout(false);
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--silent'], { cwd: first });
  buildByMcpgen(first);
  await report('A machine with an empty disk', [...builds('unchanged', 1), ...builds('edited', 0.1)]);
} finally {
  remove(scratch);
}
