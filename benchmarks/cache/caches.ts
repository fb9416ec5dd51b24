import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measurement, Target } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';
import { runMeasured } from './run-measured.ts';
import { changeTree, expectSameTree, remove, scratchDirectory, writeTree } from './tree.ts';
import { createTurboWorkspace } from './turbo-workspace.ts';

/** What caches cost to keep, give back and leave alone one output of 10,000 files and 200 MB: milliseconds of CPU. */

const scratch = scratchDirectory();
process.on('exit', () => remove(scratch));
const tree = join(scratch, 'tree');
const back = join(scratch, 'back');
writeTree(tree);
mkdirSync(join(scratch, 'turbo'));
const turbo = createTurboWorkspace(join(scratch, 'turbo'), tree);
const flags = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'];
const operator = fileURLToPath(new URL('./operate.ts', import.meta.url));
let changes = 0;
/** What keeps nothing: the costs below which no cache can stay. */
const ONLY = new Set(['cp -r', 'only link', 'only lstat']);
/** Whether outputs lie where they were left, and the digests of inputs: what a build asks where nothing has changed. */
const FORMS = ['mcpgen', 'mcpgen digests'];

await report('Caches: one output of 10,000 files, 200 MB', [
  store('store, cold', { prepare: forget, target: 1 / 2.5, variants: ['turbo', 'mcpgen', 'cacache', 'cp -r'] }),
  store('store again, unchanged', {
    prepare: () => undefined,
    target: 1 / 30,
    variants: ['turbo', 'mcpgen', 'cacache', 'only lstat'],
  }),
  store('store again, 5 % changed', { prepare: change, target: 1 / 18, variants: ['turbo', 'mcpgen', 'cacache'] }),
  restore(),
  nothing(),
  lookups(),
]);

interface StoreOptions {
  readonly prepare: (variant: string) => void;
  /** Of what turbo takes. */
  readonly target: number;
  readonly variants: readonly string[];
}

function store(name: string, { prepare, target, variants }: StoreOptions): Measurement {
  return {
    ...base(name, variants, target),
    measure: async (variant, round) => {
      prepare(variant);
      const key = `${name} ${round}`;
      if (variant === 'turbo') return storeByTurbo(key);
      if (variant === 'cp -r') return copy(tree, join(scratch, 'copy'));
      return operate(`${variant} store`, key);
    },
  };
}

function restore(): Measurement {
  const ready = new Set<string>();
  return {
    ...base('restore', ['turbo', 'mcpgen', 'mcpgen by link', 'only link', 'cacache', 'cp -r'], 1 / 1.4),
    targets: [
      { variant: 'mcpgen', kind: 'ratio', atMost: 1 / 1.4 },
      { variant: 'mcpgen by link', kind: 'ratio', atMost: 1 / 9 },
    ],
    measure: async (variant) => {
      remove(back);
      // Both forms of ours give back what one of them kept.
      const keeper = variant === 'mcpgen by link' ? 'mcpgen' : variant;
      if (!ready.has(keeper)) keep(keeper);
      ready.add(keeper);
      const cpu = give(variant);
      expectSameTree(tree, variant === 'turbo' ? turbo.output : back);
      return cpu;
    },
  };
}

function nothing(): Measurement {
  const repository = join(scratch, 'repository');
  const git = (...args: string[]): number =>
    runMeasured(['git', '-c', 'user.email=a@b', '-c', 'user.name=a', ...args], repository).cpu;
  let ready = false;
  return {
    ...base('nothing changed', ['turbo', 'mcpgen', 'mcpgen digests', 'git status'], 1 / 4),
    measure: async (variant) => {
      if (!ready) {
        copy(tree, repository);
        git('init', '-q');
        git('add', '.');
        git('commit', '-q', '-m', 'all');
        for (let time = 0; time < 2; time++) for (const form of FORMS) operate(`${form} nothing`);
        keep('turbo');
      }
      ready = true;
      if (variant === 'git status') return git('status', '--short');
      return variant === 'turbo' ? give('turbo', 'in place') : operate(`${variant} nothing`);
    },
  };
}

function lookups(): Measurement {
  const ready = new Set<string>();
  return {
    name: '2,000 look-ups of small entries',
    unit: 'ms',
    variants: ['cacache', 'mcpgen'],
    rounds: 5,
    targets: [{ variant: 'mcpgen', kind: 'ratio', atMost: 1 / 80 }],
    measure: async (variant) => {
      if (!ready.has(variant)) operate(`${variant} fill`);
      ready.add(variant);
      return operate(`${variant} lookups`);
    },
  };
}

function base(name: string, variants: readonly string[], atMost: number): Omit<Measurement, 'measure'> {
  const target: Target = { variant: 'mcpgen', kind: 'ratio', atMost };
  return { name, unit: 'ms', variants, rounds: 5, targets: [target] };
}

/** Keeps the tree so that `give` finds it. */
function keep(variant: string): void {
  if (variant === 'turbo') storeByTurbo('kept');
  else if (!ONLY.has(variant)) operate(`${variant} store`, 'kept');
}

function give(variant: string, output: 'removed' | 'in place' = 'removed'): number {
  if (variant === 'cp -r') return copy(tree, back);
  if (variant !== 'turbo') return operate(`${variant} restore`, 'kept');
  if (output === 'removed') remove(turbo.output);
  const { cpu, hit } = turbo.run('kept');
  if (!hit) throw new Error('turbo did not hit');
  return cpu;
}

function storeByTurbo(key: string): number {
  remove(turbo.output);
  copy(tree, turbo.output);
  return turbo.run(key).cpu;
}

function copy(from: string, to: string): number {
  remove(to);
  mkdirSync(dirname(to), { recursive: true });
  return runMeasured(['cp', '-r', from, to], scratch).cpu;
}

/** An operation of a library, in a process of its own. */
function operate(operation: string, name = ''): number {
  const args = [...flags, operator, operation, scratch, name];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

function forget(variant: string): void {
  remove(
    variant === 'turbo' ? join(scratch, 'turbo/.turbo') : join(scratch, variant === 'mcpgen' ? 'store' : 'cacache'),
  );
}

/** Every variant sees a change of its own. */
function change(): void {
  changeTree(tree, ++changes);
}
