// What brings back the installed packages of a realistic project: its package manager from its own warm cache, or our
// store. Milliseconds of CPU, and of wall time. Needs the network once, or the packages in npm's cache.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JointMeasurement, measureTogether } from '../lib/measure-together.ts';
import { report } from '../lib/report.ts';
import { runMeasured } from './run-measured.ts';
import { expectSameTree, remove, scratchDirectory } from './tree.ts';

const PACKAGE = {
  name: 'packages',
  version: '1.0.0',
  private: true,
  dependencies: {
    '@modelcontextprotocol/sdk': '^1.0.0',
    zod: '^4.0.0',
    undici: '^7.0.0',
    pg: '^8.0.0',
    pino: '^9.0.0',
    'lru-cache': '^11.0.0',
  },
  devDependencies: {
    typescript: '~6.0.3',
    esbuild: '^0.28.0',
    vitest: '^5.0.0',
    '@types/node': '^24.0.0',
    prettier: '^3.0.0',
  },
};

const scratch = scratchDirectory();
const OPERATE = [
  process.execPath,
  '--conditions=@mcpgen/source',
  fileURLToPath(new URL('operate-dependencies.ts', import.meta.url)),
];
const PNPM = ['npx', '-y', 'pnpm@12.20.0', '--store-dir', join(scratch, 'pnpm-store'), 'install', '--ignore-scripts'];

/** How each installs what the lockfile says, with everything warm. */
const INSTALL = {
  npm: ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--silent'],
  pnpm: [...PNPM, '--frozen-lockfile', '--offline', '--silent'],
} as const;

type Manager = keyof typeof INSTALL;

function project(manager: Manager): string {
  return join(scratch, manager);
}

function prepare(manager: Manager): void {
  const directory = project(manager);
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), JSON.stringify(PACKAGE));
  const first = manager === 'npm' ? ['npm', 'install', '--ignore-scripts', '--no-audit', '--silent'] : PNPM;
  runMeasured(first, directory);
  runMeasured([...OPERATE, 'save', directory, join(scratch, 'store')], directory);
  execFileSync('cp', ['-a', join(directory, 'node_modules'), join(scratch, `${manager}-as-installed`)]);
}

async function measure(variant: string): Promise<readonly number[]> {
  const [manager, how] = variant.split(' ') as [Manager, string];
  const directory = project(manager);
  remove(join(directory, 'node_modules'));
  const command = how === 'installs' ? INSTALL[manager] : [...OPERATE, 'restore', directory, join(scratch, 'store')];
  const began = performance.now();
  const { cpu } = runMeasured(command, directory);
  const wall = performance.now() - began;
  if (how !== 'installs') expectSameTree(join(directory, 'node_modules'), join(scratch, `${manager}-as-installed`));
  return [cpu, wall];
}

for (const manager of ['npm', 'pnpm'] as const) prepare(manager);
const files = readdirSync(join(project('npm'), 'node_modules'), { recursive: true }).length;
process.stdout.write(`npm installs ${files} files and directories\n`);

const brought = (manager: Manager): JointMeasurement => ({
  name: `${manager}, node_modules`,
  variants: [`${manager} installs`, `${manager} restored`],
  rounds: 5,
  measure,
  metrics: [
    // pnpm links its own store into place: that is left to it. See docs/decisions/015.
    {
      name: 'CPU',
      unit: 'ms',
      targets: manager === 'npm' ? [{ variant: 'npm restored', kind: 'ratio', atMost: 0.5 }] : [],
    },
    { name: 'wall', unit: 'ms' },
  ],
});

try {
  await report('Installed packages', [...measureTogether(brought('npm')), ...measureTogether(brought('pnpm'))]);
} finally {
  remove(scratch);
}
