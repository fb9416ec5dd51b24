import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Measurement, Target } from '../lib/benchmark.ts';
import { report } from '../lib/report.ts';
import { createProject, type ProjectFixture } from './project-fixture.ts';
import { type CommandUsage, runCommand } from './run-command.ts';

/** Whole builds as a user runs them: by what changed since the last one, by the number of tools, with an image or not. */

const command = fileURLToPath(new URL('../../apps/cli/dist/bin.js', import.meta.url));
if (!existsSync(command)) throw new Error(`Cannot find "${command}": build the repository first`);

type Change = 'nothing changed' | 'code of one tool' | 'schema of one tool' | 'cold';
type Size = '1 tool' | '1,000 tools';
type Variant = 'node -e 0' | Size;

const sizes: readonly Size[] = ['1 tool', '1,000 tools'];
const flagsOf = { image: [], 'server only': ['--no-image'] } as const;
type Made = keyof typeof flagsOf;

using projects = new DisposableStack();
const projectOf = new Map<string, ProjectFixture>();
const usages = new Map<string, CommandUsage>();

await report('Incremental builds', [
  ...cold('image'),
  ...incremental('nothing changed', 'image', { kind: 'difference', atMost: 150 }),
  ...incremental('code of one tool', 'image', { kind: 'value', atMost: 500 }),
  ...incremental('schema of one tool', 'image', { kind: 'value', atMost: 500 }),
  ...cold('server only'),
  ...incremental('nothing changed', 'server only', { kind: 'difference', atMost: 150 }),
  ...incremental('code of one tool', 'server only', { kind: 'value', atMost: 500 }),
  ...incremental('schema of one tool', 'server only', { kind: 'value', atMost: 500 }),
]);

function cold(made: Made): readonly Measurement[] {
  const build = { unit: 'ms', variants: sizes, rounds: 1 } as const;
  return (['wall', 'cpu'] as const).map((what) => ({
    ...build,
    name: `${made}, cold: ${what}`,
    measure: async (variant, round) => (await usageOf('cold', made, asVariant(variant), round))[what],
  }));
}

/** Wall time against its target, the same by number of tools, and processor time: all of the same runs. */
function incremental(change: Change, made: Made, { kind, atMost }: Omit<Target, 'variant'>): readonly Measurement[] {
  const measurement = (what: keyof CommandUsage, variants: readonly Variant[]): Measurement => ({
    name: `${made}, ${change}: ${what}`,
    unit: 'ms',
    variants,
    rounds: 5,
    measure: async (variant, round) => (await usageOf(change, made, asVariant(variant), round))[what],
  });
  return [
    { ...measurement('wall', ['node -e 0', ...sizes]), targets: [{ variant: '1 tool', kind, atMost }] },
    { ...measurement('wall', sizes), targets: [{ variant: '1,000 tools', kind: 'ratio', atMost: 1.5 }] },
    measurement('cpu', ['node -e 0', ...sizes]),
  ];
}

/** Each run is made once, whichever of its figures is asked for first. */
async function usageOf(change: Change, made: Made, variant: Variant, round: number): Promise<CommandUsage> {
  const key = [change, made, variant, round].join();
  const known = usages.get(key);
  if (known !== undefined) return known;
  const usage = variant === 'node -e 0' ? await runCommand(['-e', '0'], '.') : await run(change, made, variant);
  usages.set(key, usage);
  return usage;
}

async function run(change: Change, made: Made, size: Size): Promise<CommandUsage> {
  const project = await builtProject(made, size, change);
  if (change === 'cold') project.clean();
  if (change === 'code of one tool') project.edit('code');
  if (change === 'schema of one tool') project.edit('schema');
  return build(project, made);
}

/** A project whose last build found all files long unchanged. */
async function builtProject(made: Made, size: Size, change: Change): Promise<ProjectFixture> {
  const key = `${made} ${size}`;
  let project = projectOf.get(key);
  if (project === undefined) {
    project = projects.use(createProject(size === '1 tool' ? 1 : 1000));
    projectOf.set(key, project);
    if (change !== 'cold') await build(project, made);
  }
  return project;
}

/** Without the type check, which is the compiler's time. */
function build({ directory }: ProjectFixture, made: Made): Promise<CommandUsage> {
  return runCommand([command, 'build', '--no-typecheck', ...flagsOf[made]], directory);
}

function asVariant(variant: string): Variant {
  return variant === 'node -e 0' || variant === '1 tool' ? variant : '1,000 tools';
}
