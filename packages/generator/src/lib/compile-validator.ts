import type { JsonSchema } from './description.ts';
import { GeneratorError, messageOf, quote } from './errors.ts';
import { LENGTH_KEYWORD } from './validation-keywords.ts';
import { checkDialect, type StandaloneCode, standaloneCode } from './validator-code.ts';
import { schemaFormats } from './validator-formats.ts';
import { partsText } from './validator-parts.ts';

export interface CompileValidatorOptions {
  /** Whose schema it is, for messages. */
  readonly name: string;
  /** The file it is from, for the error. */
  readonly file?: string | undefined;
}

/** Values in an input up to which all that is wrong with it is looked for, not the first thing alone. */
const THOROUGH_LIMIT = 1000;

/**
 * Compiles a schema to the text of an ES module without imports, whose default export is a `Validator` of
 * @mcpgen/server: `true`, or at most eight issues, each a JSON Pointer and a sentence. Defaults are filled in, and
 * unknown keys removed where the schema is marked so, in place.
 *
 * A valid input is walked once and stops at the first thing that is wrong; only then, and only for a small input, is it
 * walked again for the rest. Texts of more than 10,000 characters are not matched against patterns.
 *
 * @throws GeneratorError SCHEMA_INVALID
 */
export function compileValidator(schema: JsonSchema, { name, file }: CompileValidatorOptions): string {
  try {
    if (schema[LENGTH_KEYWORD] === undefined) checkDialect(schema);
    const fast = standaloneCode(schema, { allErrors: false });
    const thorough = standaloneCode(schema, { allErrors: true });
    return assemble(fast, thorough, schemaFormats(schema));
  } catch (cause) {
    if (cause instanceof GeneratorError) throw cause;
    const state = cause instanceof RangeError ? 'it is nested too deeply' : messageOf(cause).split('\n')[0];
    throw new GeneratorError('SCHEMA_INVALID', `Cannot compile the schema of ${quote(name)}: ${state}`, {
      file,
      cause,
    });
  }
}

interface Formats {
  readonly text: string;
  readonly parts: readonly string[];
}

function assemble(fast: StandaloneCode, thorough: StandaloneCode, formats: Formats): string {
  const parts = [...fast.parts, ...thorough.parts, ...formats.parts, 'isSmall', 'issuesOf'];
  return `${partsText(parts)}${formats.text}
const validate = (() => {
${fast.text}
return ${fast.name};
})();

let thorough;
const validateThoroughly = () => (thorough ??= (() => {
${thorough.text}
return ${thorough.name};
})());

export default (input) => {
  try {
    if (validate(input)) return true;
    let { errors } = validate;
    if (isSmall(input, ${THOROUGH_LIMIT})) {
      const all = validateThoroughly();
      if (!all(input)) errors = all.errors;
    }
    return issuesOf(errors ?? [], input);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return issuesOf([{ instancePath: '', schemaPath: '', keyword: 'nesting', params: {} }], input);
  }
};
`;
}
