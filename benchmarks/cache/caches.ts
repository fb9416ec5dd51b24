import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measurement, Target } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';
import { runMeasured } from './run-measured.ts';
import { createSmallWorkspace, writeSmallTree } from './small-workspace.ts';
import {
  createTaskWorkspace,
  fillOutput,
  isTaskCache,
  TASK_CACHES,
  type TaskCache,
  type TaskWorkspace,
} from './task-workspace.ts';
import { changeTree, expectSameTree, remove, scratchDirectory, writeTree } from './tree.ts';

/** What caches cost to keep, give back and leave alone one output of 10,000 files and 200 MB: milliseconds of CPU. */

const scratch = scratchDirectory();
process.on('exit', () => remove(scratch));
const tree = join(scratch, 'tree');
const back = join(scratch, 'back');
writeTree(tree);
const flags = ['--conditions=@mcpgen/source', '--disable-warning=ExperimentalWarning'];
const operator = fileURLToPath(new URL('./operate.ts', import.meta.url));
const workspaces = new Map<TaskCache, TaskWorkspace>();
let changes = 0;
/** What keeps nothing: the costs below which no cache can stay. */
const ONLY = new Set(['cp -r', 'only link', 'only lstat']);

/** They take seconds, and their figures hardly differ. */
const SLOW = { rounds: 2, variants: ['nx', 'wireit', 'cacache'] };
const CACHES = [...TASK_CACHES, 'mcpgen', 'cacache'];

await report('Caches: one output of 10,000 files, 200 MB', [
  store('store, cold', { prepare: forget, target: 1 / 2.5, variants: [...CACHES, 'cp -r'] }),
  store('store again, unchanged', {
    prepare: () => undefined,
    target: 1 / 30,
    variants: [...CACHES, 'only lstat'],
  }),
  store('store again, 5 % changed', { prepare: change, target: 1 / 18, variants: [...TASK_CACHES, 'mcpgen'] }),
  restore(),
  nothing(),
  changeDetection(),
  smallWorkspace(),
  lookups('2,000 look-ups in the index', 'find', 1 / 80),
  lookups('2,000 look-ups of entries', 'lookups'),
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
      if (isTaskCache(variant)) return storeByTask(variant, key);
      if (variant === 'cp -r') return copy(tree, join(scratch, 'copy'));
      return operate(`${variant} store`, key);
    },
  };
}

function restore(): Measurement {
  const ready = new Set<string>();
  return {
    ...base('restore', [...CACHES, 'mcpgen by link', 'only link', 'cp -r'], 1 / 1.4),
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
      expectSameTree(tree, isTaskCache(variant) ? outputOf(variant) : back);
      return cpu;
    },
  };
}

/** Outputs lie where they were left. The floor is what Node takes to ask the file system about each of them. */
function nothing(): Measurement {
  return {
    ...base('nothing changed: outputs in place', [...TASK_CACHES, 'mcpgen', '10,000 lstat'], 1 / 4),
    measure: async (variant, round) => {
      if (isTaskCache(variant)) {
        if (round === 0) keep(variant);
        return give(variant, 'in place');
      }
      return operateSettled(variant === 'mcpgen' ? 'mcpgen nothing' : 'lstat', round);
    },
  };
}

/** The digests of inputs that have not changed, the listing of their directories included. */
function changeDetection(): Measurement {
  const repository = join(scratch, 'repository');
  const git = (...args: string[]): number =>
    runMeasured(['git', '-c', 'user.email=a@b', '-c', 'user.name=a', ...args], repository).cpu;
  return {
    ...base('nothing changed: digests of inputs', ['git status', 'mcpgen', '10,000 lstat, listed'], 1 / 2),
    measure: async (variant, round) => {
      if (variant !== 'git status')
        return operateSettled(variant === 'mcpgen' ? 'mcpgen digests' : 'lstat listed', round);
      if (round === 0) {
        copy(tree, repository);
        git('init', '-q');
        git('add', '.');
        git('commit', '-q', '-m', 'all');
      }
      return git('status', '--short');
    },
  };
}

/** 10 packages of 22 files each with nothing to do: the tools with their start, ours in a process that has loaded it. */
function smallWorkspace(): Measurement {
  const ready = new Map<TaskCache, TaskWorkspace>();
  const small = join(scratch, 'small-tree');
  return {
    name: '10 packages of 22 files, nothing changed',
    unit: 'ms',
    variants: [...TASK_CACHES, 'mcpgen', '430 lstat', 'node -e 0'],
    rounds: 5,
    targets: [{ variant: 'mcpgen', kind: 'value', atMost: 2 }],
    measure: async (variant, round) => {
      if (variant === 'node -e 0') return runMeasured([process.execPath, '-e', '0'], scratch).cpu;
      if (!isTaskCache(variant)) {
        if (!existsSync(small)) writeSmallTree(small);
        return operateSettled(variant === 'mcpgen' ? 'mcpgen small' : 'lstat small', round);
      }
      const workspace = ready.get(variant) ?? createSmallWorkspace(variant, join(scratch, `small-${variant}`));
      ready.set(variant, workspace);
      if (round === 0) for (let time = 0; time < 2; time++) workspace.run();
      return hitOf(variant, workspace);
    },
  };
}

function lookups(name: string, operation: string, atMost?: number): Measurement {
  const ready = new Set<string>();
  return {
    name,
    unit: 'ms',
    variants: ['cacache', 'mcpgen'],
    rounds: 5,
    ...(atMost !== undefined && { targets: [{ variant: 'mcpgen', kind: 'ratio', atMost }] }),
    measure: async (variant) => {
      if (!ready.has(variant) && !existsSync(join(scratch, `small-${variant}`))) operate(`${variant} fill`);
      ready.add(variant);
      return operate(variant === 'cacache' ? 'cacache info' : `mcpgen ${operation}`);
    },
  };
}

function base(name: string, variants: readonly string[], atMost: number): Omit<Measurement, 'measure'> {
  const target: Target = { variant: 'mcpgen', kind: 'ratio', atMost };
  return { name, unit: 'ms', variants, rounds: 5, fewer: SLOW, targets: [target] };
}

/** Keeps the tree so that `give` finds it. */
function keep(variant: string): void {
  if (isTaskCache(variant)) storeByTask(variant, 'kept');
  else if (!ONLY.has(variant)) operate(`${variant} store`, 'kept');
}

function give(variant: string, output: 'removed' | 'in place' = 'removed'): number {
  if (variant === 'cp -r') return copy(tree, back);
  if (!isTaskCache(variant)) return operate(`${variant} restore`, 'kept');
  if (output === 'removed') remove(outputOf(variant));
  setInput(variant, 'kept');
  return hitOf(variant, workspaceOf(variant));
}

function hitOf(variant: TaskCache, workspace: TaskWorkspace): number {
  const { cpu, hit } = workspace.run();
  if (!hit) throw new Error(`${variant} did not hit`);
  return cpu;
}

function storeByTask(variant: TaskCache, key: string): number {
  fillOutput(workspaceOf(variant), 'a', tree);
  setInput(variant, key);
  return workspaceOf(variant).run().cpu;
}

/** A workspace of one package whose task does nothing and has the tree as its output: only the cache costs. */
function workspaceOf(tool: TaskCache): TaskWorkspace {
  const known = workspaces.get(tool);
  if (known !== undefined) return known;
  const made = createTaskWorkspace(tool, join(scratch, tool), [{ name: 'a', needs: [], inputs: 'input.txt' }]);
  workspaces.set(tool, made);
  return made;
}

function setInput(tool: TaskCache, key: string): void {
  writeFileSync(join(workspaceOf(tool).member('a'), 'input.txt'), key);
}

function outputOf(tool: TaskCache): string {
  return join(workspaceOf(tool).member('a'), 'out');
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

/** The same after a first time that keeps what it finds, and a second one when its files are old enough to be believed. */
function operateSettled(operation: string, round: number): number {
  if (round === 0) for (let time = 0; time < 2; time++) operate(operation);
  return operate(operation);
}

function forget(variant: string): void {
  if (isTaskCache(variant)) workspaceOf(variant).forget();
  else remove(join(scratch, variant === 'mcpgen' ? 'store' : 'cacache'));
}

/** Every variant sees a change of its own. */
function change(): void {
  changeTree(tree, ++changes);
}
