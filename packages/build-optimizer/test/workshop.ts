import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildCache, digestOf, openLocalCache } from '@mcpgen/build-cache';
import type { StepState } from '@mcpgen/cache-invalidation';
import { eventRecorder, temporaryDirectory } from '@mcpgen/testing';
import {
  type BuildEvent,
  type BuildResult,
  type RunOptions,
  runPlan,
  type Step,
  type StepContext,
} from '../src/index.ts';

export interface StepFacts {
  readonly needs?: readonly string[];
  readonly after?: readonly string[];
  readonly reads?: Step['reads'];
  /** What it reads: contents by path. */
  readonly sources?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, unknown>>;
  /** What it writes: contents by path; a file named after the step with its sources and needs by default. */
  readonly files?: Readonly<Record<string, string>>;
  readonly value?: unknown;
  readonly cache?: 'off';
  readonly slots?: number;
  readonly directory?: string;
  /** Awaited before it writes. */
  readonly work?: (context: StepContext) => Promise<unknown> | undefined;
}

/** A project that is built again and again: it remembers the state between builds. */
export interface Workshop extends AsyncDisposable {
  readonly directory: string;
  readonly cache: BuildCache;
  /** Names of the steps that ran since the last look, in the order in which they began. */
  takeRan(): readonly string[];
  readonly events: ReturnType<typeof eventRecorder<BuildEvent>>;
  state: ReadonlyMap<string, StepState>;
  step(name: string, facts?: StepFacts): Step;
  build(steps: readonly Step[], options?: Partial<RunOptions>): Promise<BuildResult>;
  /** All files of the directory, with their contents. */
  files(): Promise<Readonly<Record<string, string>>>;
}

export async function openWorkshop(): Promise<Workshop> {
  const root = await temporaryDirectory();
  const directory = join(root.path, 'out');
  await mkdir(directory);
  const cache = openLocalCache({ directory: join(root.path, 'cache'), now: () => 1 });
  const events = eventRecorder<BuildEvent>();
  const ran: string[] = [];
  const workshop: Workshop = {
    directory,
    cache,
    events,
    state: new Map(),
    takeRan: () => ran.splice(0),
    step: (name, facts = {}) => makeStep(name, { directory, ...facts }, ran),
    async build(steps, options) {
      const result = await runPlan(steps, {
        cache,
        state: workshop.state,
        generatorVersion: '1',
        concurrency: 2,
        now: () => performance.now(),
        onEvent: events.onEvent,
        directory,
        ...options,
      });
      workshop.state = result.state;
      return result;
    },
    files: () => readTree(directory),
    [Symbol.asyncDispose]: () => root.remove(),
  };
  return workshop;
}

function makeStep(name: string, facts: StepFacts & { readonly directory: string }, ran: string[]): Step {
  const { needs = [], after, reads, sources = {}, options, directory, cache, slots } = facts;
  return {
    name,
    version: 1,
    needs,
    directory,
    inputs: {
      files: Object.fromEntries(Object.entries(sources).map(([path, content]) => [path, digestOf(content)])),
      ...(options && { options }),
    },
    ...(after && { after }),
    ...(reads && { reads }),
    ...(cache && { cache }),
    ...(slots !== undefined && { slots }),
    async run(context) {
      ran.push(name);
      await facts.work?.(context);
      const files = facts.files ?? { [fileOf(name)]: await contentOf(Object.values(sources), needs, context) };
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        await writeFile(join(directory, path), content);
      }
      return { files: Object.keys(files), value: facts.value };
    },
  };
}

/** The default output of a step: what it read, and what its needs wrote. */
export function fileOf(step: string): string {
  return `${step.replace(':', '/')}.txt`;
}

async function contentOf(sources: readonly string[], needs: readonly string[], context: StepContext): Promise<string> {
  const parts = [...sources];
  for (const need of [...needs].sort()) {
    const output = context.needs.get(need);
    for (const path of output?.files ?? []) parts.push(await readFile(join(output?.directory ?? '', path), 'utf8'));
  }
  return digestOf(parts.join('\n'));
}

async function readTree(directory: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .map(
      (entry) => `${join(entry.parentPath, entry.name).slice(directory.length + 1)}${entry.isDirectory() ? '/' : ''}`,
    )
    .sort();
  const contents = paths.map(async (path) => {
    return [path, path.endsWith('/') ? '' : await readFile(join(directory, path), 'utf8')] as const;
  });
  return Object.fromEntries(await Promise.all(contents));
}

/** The outcome of each step, by name. */
export function outcomes({ reports }: BuildResult): Readonly<Record<string, string>> {
  return Object.fromEntries(reports.map(({ name, outcome }) => [name, outcome]));
}

/** The reason of each step, by name. */
export function reasons({ reports }: BuildResult): Readonly<Record<string, string>> {
  return Object.fromEntries(reports.map(({ name, reason }) => [name, reason]));
}
