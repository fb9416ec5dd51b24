import type { Step } from '@mcpgen/build-optimizer';
import { compileValidator, type Description, type Source } from '@mcpgen/generator';
import { describeStepName, descriptionIn } from './describe-step.ts';
import type { ServerPlan } from './server-plan.ts';
import { writeOutput } from './write-output.ts';

/** Where the validators of a source are written, relative to the server. */
export interface ValidatorPaths {
  readonly validator?: string;
  readonly outputValidator?: string;
}

/** Whether a source has an input to be checked. */
export function hasInput({ kind }: Source): boolean {
  return kind === 'tool' || kind === 'prompt';
}

/** Straight-line code from the JSON Schema: the server loads neither zod nor a schema compiler. */
export function validatorStep(source: Source, { directory }: Pick<ServerPlan, 'directory'>): Step {
  const describe = describeStepName(source);
  return {
    name: `validator:${source.kind}/${source.name}`,
    version: 2,
    needs: [describe],
    reads: (needs) => schemasOf(descriptionIn(needs, describe)),
    inputs: { options: { name: source.name } },
    directory,
    run: async ({ needs }) => {
      const description = descriptionIn(needs, describe);
      const { validation, outputValidation } = schemasOf(description);
      const { validator, outputValidator } = validatorPaths(source, description);
      const files: string[] = [];
      for (const [schema, path] of [
        [validation, validator],
        [outputValidation, outputValidator],
      ] as const) {
        if (schema === undefined || path === undefined) continue;
        writeOutput(directory, path, compileValidator(schema, { name: source.name, file: source.file }));
        files.push(path);
      }
      return { files };
    },
  };
}

/** Of what there is a schema to compile for. */
export function validatorPaths({ kind, name }: Source, description: Description): ValidatorPaths {
  const { validation, outputValidation } = schemasOf(description);
  const folder = kind === 'tool' ? 'validators' : 'validators/prompts';
  return {
    ...(validation === undefined ? {} : { validator: `${folder}/${name}.js` }),
    ...(outputValidation === undefined ? {} : { outputValidator: `${folder}/output/${name}.js` }),
  };
}

type Schema = Readonly<Record<string, unknown>>;

function schemasOf(description: Description): {
  readonly validation: Schema | undefined;
  readonly outputValidation: Schema | undefined;
} {
  return {
    validation: 'validation' in description ? description.validation : undefined,
    outputValidation: description.kind === 'tool' ? description.outputValidation : undefined,
  };
}
