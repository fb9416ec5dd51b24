import type { Step, StepResult } from '@mcpgen/build-optimizer';
import { type Bundled, type Chunk, chunkInputs } from '@mcpgen/build-optimizer/bundle';
import type { Source } from '@mcpgen/generator';
import { describeStep } from './describe-step.ts';
import { renderStep } from './render-step.ts';
import type { ServerPlan, ServerTools } from './server-plan.ts';
import { hasInput, validatorStep } from './validator-step.ts';

/** The steps that make `server/` after these chunks were edited, which these sources run; all others are as they were. */
export function editedServerSteps(
  plan: ServerPlan,
  tools: ServerTools,
  { chunks, described }: { readonly chunks: readonly Chunk[]; readonly described: readonly Source[] },
): readonly Step[] {
  const validators = described.filter(hasInput).map((source) => validatorStep(source, plan));
  return [
    ...chunks.map((chunk) => bundleStep(chunk, plan, tools)),
    ...described.map((source) => describeStep(source, plan, tools)),
    ...validators,
    renderStep(plan, validators),
  ];
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
    version: 2,
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
        packages: versionsOf(dependencies.packages),
        options: { ...bundler.settings, imported, digest: dependencies.digest },
      },
      directory,
      slots: 0,
      run: async () => withSources(await bundler.bundleDependencies(dependencies)),
    },
  ];
}

/** `zod@4.6.7` by name; two versions of one package stand beside each other. */
function versionsOf(packages: readonly string[]): Readonly<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const found of packages) {
    const at = found.lastIndexOf('@');
    const [name, version] = [found.slice(0, at), found.slice(at + 1)];
    versions[name] = versions[name] === undefined ? version : `${versions[name]}, ${version}`;
  }
  return versions;
}

function bundleStep(chunk: Chunk, plan: ServerPlan, { bundler }: ServerTools): Step {
  return {
    name: `bundle:${chunk.name}`,
    version: 1,
    needs: [],
    inputs: chunkInputs(chunk, plan, bundler),
    directory: plan.directory,
    slots: 0,
    run: async () => withSources(await bundler.bundleChunk(chunk, plan)),
  };
}

/** What `mcpgen metrics` shows of a bundle, through the cache and back. */
function withSources({ files, sources }: Bundled): StepResult {
  return { files, ...(sources !== undefined && { value: { sources } }) };
}
