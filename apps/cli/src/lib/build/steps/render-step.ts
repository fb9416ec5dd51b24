import type { Step } from '@mcpgen/build-optimizer';
import { renderServer } from '@mcpgen/generator';
import { describeStepName, descriptionIn } from './describe-step.ts';
import { modulePath, type ServerPlan } from './server-plan.ts';
import { validatorPaths } from './validator-step.ts';
import { writeOutput } from './write-output.ts';

/** Each by itself, so that a change of one is named. */
function serverOptions({ options }: ServerPlan['settings']): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [`server.${name}`, value]));
}

/** Writes down what the server consists of: its manifest, the ready bytes of its lists, its entry. */
export function renderStep({ project, chunks, settings, directory }: ServerPlan, validators: readonly Step[]): Step {
  const info = { name: project.name, version: project.version, ...settings.info };
  const { sources } = project;
  const modules = sources.map(({ file }) => [file, `./${modulePath(chunks, file)}`] as const);
  const moduleOf = new Map(modules);
  return {
    name: 'render',
    version: 2,
    needs: sources.map(describeStepName),
    after: validators.map((step) => step.name),
    // A moved file may be described as it was before, but its module lies elsewhere.
    inputs: { options: { info, instructions: settings.instructions ?? null, ...serverOptions(settings), modules } },
    directory,
    run: async ({ needs }) => {
      const files = renderServer({
        info,
        ...(settings.instructions === undefined ? {} : { instructions: settings.instructions }),
        options: settings.options,
        parts: sources.map((source) => {
          const description = descriptionIn(needs, describeStepName(source));
          const { validator, outputValidator } = validatorPaths(source, description);
          return {
            file: source.file,
            description,
            module: moduleOf.get(source.file) ?? '',
            ...(validator === undefined ? {} : { validator: `./${validator}` }),
            ...(outputValidator === undefined ? {} : { outputValidator: `./${outputValidator}` }),
          };
        }),
      });
      for (const file of files) writeOutput(directory, file.path, file.contents);
      return { files: files.map((file) => file.path) };
    },
  };
}
