import type { Schema, StandardResult, StandardSchema } from '../authoring/define.ts';
import type { Parse, ParseResult } from './catalogue.ts';
import type { Validator } from './manifest.ts';

export function isStandardSchema(schema: Schema | undefined): schema is StandardSchema {
  return (typeof schema === 'object' || typeof schema === 'function') && schema !== null && '~standard' in schema;
}

/** The schema's own `validate`, with its issues in the form of a compiled validator. */
export function parseWith(schema: Schema | undefined): Parse | undefined {
  if (!isStandardSchema(schema)) return undefined;
  const { validate } = schema['~standard'];
  return (input) => {
    const result = validate(input);
    return result instanceof Promise ? result.then(toParseResult) : toParseResult(result);
  };
}

/** The schema's own `validate` for what is only checked; a schema that takes its time is taken at its word. */
export function validateWith(schema: Schema | undefined): Validator | undefined {
  const parse = parseWith(schema);
  return (
    parse &&
    ((value) => {
      const result = parse(value);
      return result instanceof Promise || result.issues === undefined ? true : result.issues;
    })
  );
}

function toParseResult(result: StandardResult<unknown>): ParseResult {
  if (result.issues === undefined) return { value: result.value };
  return { issues: result.issues.map((issue) => ({ path: pointer(issue.path), message: issue.message })) };
}

function pointer(path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined): string {
  return (path ?? [])
    .map((step) => String(typeof step === 'object' ? step.key : step))
    .map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
