import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Profile, Step, StepOutput } from '@mcpgen/build-optimizer';
import {
  type BundlePlan,
  type Bundler,
  type Chunk,
  type ChunkPlan,
  chunkInputs,
  type DependencyPlan,
} from '@mcpgen/build-optimizer/bundle';
import {
  compileValidator,
  type Describer,
  type Description,
  type Project,
  renderServer,
  type Source,
} from '@mcpgen/generator';
import { chunkClosure } from './chunk-closure.ts';
import type { ServerSettings } from './settings.ts';

/** What the steps of a server are made from. */
export interface ServerPlan extends BundlePlan {
  readonly project: Project;
  readonly dependencies: DependencyPlan;
  readonly settings: ServerSettings;
  readonly profile: Profile;
  /** Where the steps write the server. */
  readonly directory: string;
  /** Digest of the server runtime's own code. */
  readonly runtime: { readonly entry: string; readonly digest: string };
}

/** What the steps of a server work with. */
export interface ServerTools {
  readonly bundler: Bundler;
  readonly describer: Describer;
}

/** The steps that make `server/`, as data: see the table in docs/design.md. */
export function serverSteps(plan: ServerPlan, tools: ServerTools): readonly Step[] {
  const describe = plan.project.sources.map((source) => describeStep(source, plan, tools));
  const validators = plan.project.sources.filter(hasInput).map((source) => validatorStep(source, plan));
  return [
    runtimeStep(plan, tools),
    ...dependencySteps(plan, tools),
    ...[...plan.chunks.chunks.values()].map((chunk) => bundleStep(chunk, plan, tools)),
    ...describe,
    ...validators,
    renderStep(plan, validators),
  ];
}

function runtimeStep({ runtime, directory }: ServerPlan, { bundler }: ServerTools): Step {
  return {
    name: 'runtime',
    version: 1,
    needs: [],
    inputs: { options: { ...bundler.settings, runtime: runtime.digest } },
    directory,
    slots: 0,
    run: () => bundler.bundleRuntime({ entry: runtime.entry }),
  };
}

/** One step for all packages, so that a change of one tool never bundles them again. */
function dependencySteps({ dependencies, directory }: ServerPlan, { bundler }: ServerTools): readonly Step[] {
  if (dependencies.bundled.length === 0) return [];
  const imported = dependencies.bundled.map(({ specifier, names }) => ({ specifier, names }));
  return [
    {
      name: 'deps',
      version: 1,
      needs: [],
      inputs: {
        options: { ...bundler.settings, imported, packages: dependencies.packages, digest: dependencies.digest },
      },
      directory,
      slots: 0,
      run: () => bundler.bundleDependencies(dependencies),
    },
  ];
}

function bundleStep(chunk: Chunk, plan: ServerPlan, { bundler }: ServerTools): Step {
  return {
    name: `bundle:${chunk.name}`,
    version: 1,
    needs: [],
    inputs: chunkInputs(chunk, plan, bundler),
    directory: plan.directory,
    slots: 0,
    run: () => bundler.bundleChunk(chunk, plan),
  };
}

/** Loads the bundled module in a child process: what it exports is what the server will serve. */
function describeStep(source: Source, plan: ServerPlan, { describer }: ServerTools): Step {
  const { chunks, dependencies, directory, project } = plan;
  const closure = chunkClosure(chunks.chunks, chunkOf(chunks, source.file).name);
  const specifiers = new Set(closure.flatMap((chunk) => chunk.dependencies));
  const packages = dependencies.bundled
    .filter(({ specifier }) => specifiers.has(specifier))
    .map(({ specifier, version, names }) => ({ specifier, version, names }));
  return {
    name: `describe:${source.kind}/${source.name}`,
    version: 1,
    needs: closure.map((chunk) => `bundle:${chunk.name}`),
    after: specifiers.size > 0 && dependencies.bundled.length > 0 ? ['deps'] : [],
    inputs: { options: { name: source.name, packages } },
    directory,
    slots: 0,
    run: async () => ({
      files: [],
      value: await describer.describe({
        kind: source.kind,
        name: source.name,
        file: source.file,
        module: join(directory, modulePath(chunks, source.file)),
        root: project.directory,
      }),
    }),
  };
}

/** Straight-line code from the JSON Schema: the server loads neither zod nor a schema compiler. */
function validatorStep(source: Source, { directory }: ServerPlan): Step {
  const describe = `describe:${source.kind}/${source.name}`;
  return {
    name: `validator:${source.kind}/${source.name}`,
    version: 1,
    needs: [describe],
    reads: (needs) => validatedSchemas(descriptionIn(needs, describe)),
    inputs: { options: { name: source.name } },
    directory,
    run: async ({ needs }) => {
      const { input, output } = validatedSchemas(descriptionIn(needs, describe));
      const paths = validatorPaths(source);
      const files: string[] = [];
      for (const [schema, path] of [
        [input, paths.input],
        [output, paths.output],
      ] as const) {
        if (schema === undefined) continue;
        writeOutput(directory, path, await compileValidator(schema, { name: source.name, file: source.file }));
        files.push(path);
      }
      return { files };
    },
  };
}

function renderStep(plan: ServerPlan, validators: readonly Step[]): Step {
  const { project, chunks, settings, directory } = plan;
  const describes = project.sources.map((source) => `describe:${source.kind}/${source.name}`);
  const info = { name: project.name, version: project.version, ...settings.info };
  return {
    name: 'render',
    version: 1,
    needs: describes,
    after: validators.map((step) => step.name),
    inputs: { options: { info, instructions: settings.instructions ?? null, options: settings.options } },
    directory,
    run: async ({ needs }) => {
      const files = renderServer({
        info,
        ...(settings.instructions === undefined ? {} : { instructions: settings.instructions }),
        options: settings.options,
        parts: project.sources.map((source) => ({
          file: source.file,
          description: descriptionIn(needs, `describe:${source.kind}/${source.name}`),
          module: `./${modulePath(chunks, source.file)}`,
          ...validatorsOf(source, descriptionIn(needs, `describe:${source.kind}/${source.name}`)),
        })),
      });
      for (const file of files) writeOutput(directory, file.path, file.contents);
      return { files: files.map((file) => file.path) };
    },
  };
}

function hasInput(source: Source): boolean {
  return source.kind === 'tool' || source.kind === 'prompt';
}

function validatorPaths(source: Source): { readonly input: string; readonly output: string } {
  const folder = source.kind === 'tool' ? 'validators' : 'validators/prompts';
  return { input: `${folder}/${source.name}.js`, output: `${folder}/${source.name}.output.js` };
}

function validatorsOf(
  source: Source,
  description: Description,
): { readonly validator?: string; readonly outputValidator?: string } {
  const { input, output } = validatedSchemas(description);
  const paths = validatorPaths(source);
  return {
    ...(input === undefined ? {} : { validator: `./${paths.input}` }),
    ...(output === undefined ? {} : { outputValidator: `./${paths.output}` }),
  };
}

function validatedSchemas(description: Description): {
  readonly input: Schema | undefined;
  readonly output: Schema | undefined;
} {
  return {
    input: 'validation' in description ? description.validation : undefined,
    output: description.kind === 'tool' ? description.outputValidation : undefined,
  };
}

type Schema = Readonly<Record<string, unknown>>;

/** The value of a describe step is what the describer gave, through the cache and back. */
function descriptionIn(needs: ReadonlyMap<string, StepOutput>, step: string): Description {
  const output = needs.get(step);
  if (output === undefined) throw new TypeError(`The step "${step}" has no output`);
  return output.value as Description;
}

function modulePath(chunks: ChunkPlan, file: string): string {
  return `modules/${chunkOf(chunks, file).name}.js`;
}

function chunkOf(chunks: ChunkPlan, file: string): Chunk {
  const chunk = chunks.chunks.get(chunks.chunkOf.get(file) ?? '');
  if (chunk === undefined) throw new TypeError(`No chunk holds "${file}"`);
  return chunk;
}

/** Whole or not at all: a file is never seen half-written. */
function writeOutput(directory: string, path: string, contents: string | Uint8Array): void {
  const target = join(directory, path);
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  writeFileSync(temporary, contents);
  renameSync(temporary, target);
}
