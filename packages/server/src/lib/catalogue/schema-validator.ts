import type { ErrorObject, ValidateFunction } from 'ajv';
import type { JsonSchema } from '../authoring/define.ts';
import type { ValidationIssue, Validator } from './manifest.ts';

const OPTIONS = {
  strict: false,
  allErrors: true,
  useDefaults: true,
  validateFormats: false,
  // Patterns without the `u` flag fall back to linear time in V8.
  unicodeRegExp: false,
} as const;

/** Compiles plain JSON Schema, for servers written in code; built servers have their validators compiled by the build. */
export async function schemaValidator(schema: JsonSchema): Promise<Validator> {
  const validate = await compile(schema);
  return (input) => (validate(input) ? true : (validate.errors ?? []).map(toIssue));
}

async function compile(schema: JsonSchema): Promise<ValidateFunction> {
  const dialect = typeof schema.$schema === 'string' ? schema.$schema : '';
  if (/draft-0[67]/.test(dialect)) {
    const { Ajv } = await import('ajv');
    return new Ajv(OPTIONS).compile(schema);
  }
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  return new Ajv2020(OPTIONS).compile(schema);
}

function toIssue({ instancePath, message = 'is not valid', params }: ErrorObject): ValidationIssue {
  const key: unknown = params.additionalProperty ?? params.unevaluatedProperty;
  return { path: instancePath, message: typeof key === 'string' ? `${message}: "${key.slice(0, 64)}"` : message };
}
