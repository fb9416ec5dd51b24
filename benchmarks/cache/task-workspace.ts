import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runMeasured } from './run-measured.ts';

/** The task caches that are measured beside ours. */
export const TASK_CACHES = ['turbo', 'nx', 'wireit'] as const;

export type TaskCache = (typeof TASK_CACHES)[number];

/** A package whose task has files below `out`. */
export interface Member {
  readonly name: string;
  /** Packages whose tasks come first. */
  readonly needs: readonly string[];
  /** Files that the task's key is made of. */
  readonly inputs: string;
  /** What the task does besides being noticed; nothing by default. */
  readonly script?: string;
}

/** A workspace of one of these tools, in its own form. */
export interface TaskWorkspace {
  /** Builds all of it. Milliseconds of CPU, the start of the process included, and whether no task had to run. */
  run(): { readonly cpu: number; readonly hit: boolean };
  /** The directory of a member. */
  member(name: string): string;
  /** Removes what it has cached. */
  forget(): void;
}

export function isTaskCache(name: string): name is TaskCache {
  return TASK_CACHES.some((each) => each === name);
}

export function createTaskWorkspace(tool: TaskCache, directory: string, members: readonly Member[]): TaskWorkspace {
  const ran = join(directory, 'ran');
  const write = (path: string, value: object): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), JSON.stringify(value, null, 2));
  };
  const commands = new Map(
    members.map(({ name, script }) => [name, [`echo >> ${ran}`, script ?? 'true'].join(' && ')]),
  );
  const { files, command, kept } = WRITERS[tool](members, commands);
  for (const [path, value] of Object.entries(files)) write(path, value);
  linkModules(directory);
  const state = (): string => (existsSync(ran) ? readFileSync(ran, 'utf8') : '');
  return {
    member: (name) => join(directory, 'packages', name),
    run() {
      const before = state();
      const { cpu } = runMeasured(command, directory);
      return { cpu, hit: state() === before };
    },
    forget: () => {
      for (const path of kept) rmSync(join(directory, path), { recursive: true, force: true });
    },
  };
}

interface Form {
  readonly files: Readonly<Record<string, object>>;
  readonly command: readonly string[];
  /** Where it keeps what it caches. */
  readonly kept: readonly string[];
}

type Writer = (members: readonly Member[], commands: ReadonlyMap<string, string>) => Form;

const ROOT = { name: 'root', private: true, packageManager: 'npm@11.0.0', workspaces: ['packages/*'] };

const WRITERS: Readonly<Record<TaskCache, Writer>> = {
  turbo: (members, commands) => ({
    files: {
      'package.json': ROOT,
      'package-lock.json': { name: 'root', lockfileVersion: 3, requires: true, packages: {} },
      'turbo.json': {
        tasks: Object.fromEntries(
          members.map(({ name, inputs }) => [
            `${name}#build`,
            { inputs: [inputs], outputs: ['out/**'], dependsOn: ['^build'] },
          ]),
        ),
      },
      ...packages(members, ({ name }) => ({ scripts: { build: commands.get(name) } })),
    },
    command: [turboBinary(), 'run', 'build', '--no-color'],
    kept: ['.turbo'],
  }),
  nx: (members, commands) => ({
    files: {
      'package.json': ROOT,
      'nx.json': { analytics: false, neverConnectToCloud: true },
      ...packages(members, ({ name, needs, inputs }) => ({
        nx: {
          targets: {
            build: {
              executor: 'nx:run-commands',
              options: { command: commands.get(name), cwd: `packages/${name}` },
              cache: true,
              inputs: [`{projectRoot}/${inputs}`],
              outputs: ['{projectRoot}/out'],
              dependsOn: needs.map((need) => `${need}:build`),
            },
          },
        },
      })),
    },
    command: [process.execPath, 'node_modules/nx/dist/bin/nx.js', 'run-many', '-t', 'build'],
    kept: ['.nx'],
  }),
  wireit: (members, commands) => ({
    files: {
      'package.json': {
        ...ROOT,
        scripts: { build: 'wireit' },
        wireit: { build: { dependencies: members.map(({ name }) => `./packages/${name}:build`) } },
      },
      ...packages(members, ({ name, needs, inputs }) => ({
        scripts: { build: 'wireit' },
        wireit: {
          build: {
            command: commands.get(name),
            files: [inputs],
            output: ['out/**'],
            clean: false,
            packageLocks: [],
            dependencies: needs.map((need) => `../${need}:build`),
          },
        },
      })),
    },
    command: [process.execPath, '--run', 'build'],
    kept: members.map(({ name }) => `packages/${name}/.wireit`),
  }),
};

function packages(members: readonly Member[], more: (member: Member) => object): Form['files'] {
  return Object.fromEntries(
    members.map((member) => {
      const dependencies = Object.fromEntries(member.needs.map((need) => [need, '*']));
      return [
        `packages/${member.name}/package.json`,
        { name: member.name, version: '1.0.0', dependencies, ...more(member) },
      ];
    }),
  );
}

const MODULES = join(import.meta.dirname, '../node_modules');

/** The tools that are found from a workspace. */
function linkModules(directory: string): void {
  mkdirSync(join(directory, 'node_modules/.bin'), { recursive: true });
  for (const name of ['nx', 'wireit', '.bin/wireit']) {
    const link = join(directory, 'node_modules', name);
    if (!existsSync(link)) symlinkSync(join(MODULES, name), link);
  }
}

/** The native binary: what the npm wrapper costs is not the cache's. */
function turboBinary(): string {
  const wrapper = createRequire(new URL('../../package.json', import.meta.url)).resolve('turbo/package.json');
  return createRequire(wrapper).resolve(
    `@turbo/${process.platform}-${process.arch === 'x64' ? '64' : process.arch}/bin/turbo`,
  );
}

/** A copy of a tree in the place of a member's outputs. */
export function fillOutput(workspace: TaskWorkspace, name: string, tree: string): void {
  const output = join(workspace.member(name), 'out');
  rmSync(output, { recursive: true, force: true });
  execFileSync('cp', ['-r', tree, output]);
}
