import { join } from 'node:path';
import type { Step, StepOutput } from '@mcpgen/build-optimizer';
import type { Description, Source } from '@mcpgen/generator';
import { chunkClosure } from './chunk-closure.ts';
import { chunkOf, modulePath, type ServerPlan, type ServerTools } from './server-plan.ts';

export function describeStepName({ kind, name }: Source): string {
  return `describe:${kind}/${name}`;
}

/**
 * Loads the bundled module in a child process: what it exports is what the server will serve. The code that runs is that
 * of its chunks, by their outputs, and of packages: those by the digest of all their code, since which of it runs is known
 * only by running it.
 */
export function describeStep(source: Source, plan: ServerPlan, { describer }: ServerTools): Step {
  const { chunks, dependencies, directory, project, environment } = plan;
  const closure = chunkClosure(chunks.chunks, chunkOf(chunks, source.file).name);
  const importsPackages = closure.some((chunk) => chunk.dependencies.length > 0);
  return {
    name: describeStepName(source),
    version: 3,
    needs: closure.map((chunk) => `bundle:${chunk.name}`),
    after: importsPackages ? packageSteps(plan) : [],
    inputs: {
      environment,
      options: {
        name: source.name,
        node: process.version,
        'code of packages': importsPackages ? dependencies.code : null,
      },
    },
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
        server: directory,
      }),
    }),
  };
}

/** The steps that put packages in place. */
function packageSteps({ dependencies }: ServerPlan): readonly string[] {
  return [
    ...(dependencies.bundled.length > 0 ? ['deps'] : []),
    ...(dependencies.external.length > 0 ? ['native'] : []),
  ];
}

/** The value of a describe step is what the describer gave, through the cache and back. */
export function descriptionIn(needs: ReadonlyMap<string, StepOutput>, step: string): Description {
  const output = needs.get(step);
  if (output === undefined) throw new TypeError(`The step "${step}" has no output`);
  return output.value as Description;
}
