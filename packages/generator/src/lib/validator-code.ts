import { createRequire } from 'node:module';
import type { JsonSchema } from './description.ts';
import { patternFlags } from './pattern-flags.ts';
import { rewriteSchema, visitSchema } from './rewrite-schema.ts';
import { LENGTH_KEYWORD, TAG_KEYWORD } from './validation-keywords.ts';
import { knownFormats } from './validator-formats.ts';
import { validatorKeywords } from './validator-keywords.ts';

export interface StandaloneCode {
  /** Statements that declare the validating function. */
  readonly text: string;
  /** Its name. */
  readonly name: string;
  /** Parts of runtime/validator.js that they use. */
  readonly parts: readonly string[];
}

const RUNTIME: ReadonlyMap<string, string> = new Map([
  ['ucs2length', 'codePoints'],
  ['equal', 'equal'],
]);

/**
 * Says what is wrong with a schema by the rules of its dialect.
 *
 * @throws TypeError
 */
export function checkDialect(schema: JsonSchema): void {
  loaded ??= loadAjv();
  dialect ??= new loaded.Ajv2020({ strict: false, logger: false });
  if (dialect.validateSchema(prepare(schema)) !== true)
    throw new TypeError(dialect.errorsText(dialect.errors, { dataVar: 'schema' }));
}

let dialect: InstanceType<ReturnType<typeof loadAjv>['Ajv2020']> | undefined;
/** ajv is large: it is loaded when the first validator is compiled. */
let loaded: ReturnType<typeof loadAjv> | undefined;

function loadAjv() {
  const require = createRequire(import.meta.url);
  const { default: Ajv2020 }: typeof import('ajv/dist/2020.js') = require('ajv/dist/2020.js');
  const {
    default: standalone,
  }: typeof import('ajv/dist/standalone/index.js') = require('ajv/dist/standalone/index.js');
  const codegen: typeof import('ajv/dist/compile/codegen/index.js') = require('ajv/dist/compile/codegen');
  return { Ajv2020, standalone, ...codegen };
}

/**
 * The code that ajv makes of a schema, without what it would import. Text of the schema comes into it only as literals
 * that ajv has escaped; what is replaced here are whole lines, which no literal can hold.
 */
export function standaloneCode(schema: JsonSchema, { allErrors }: { readonly allErrors: boolean }): StandaloneCode {
  loaded ??= loadAjv();
  const { Ajv2020, standalone, _ } = loaded;
  const utf16 = schema[LENGTH_KEYWORD] === 'utf16';
  const ajv = new Ajv2020({
    allErrors,
    messages: false,
    strict: false,
    useDefaults: true,
    discriminator: true,
    meta: false,
    validateSchema: false,
    ownProperties: someKey(schema, (key) => key in Object.prototype),
    unicodeRegExp: namePatterns(schema).some((pattern) => patternFlags(pattern) === 'u'),
    logger: false,
    code: { source: true, lines: true, formats: _`formats`, regExp: NAME_PATTERN },
    ...(utf16 ? { unicode: false } : {}),
  });
  // Both are on in this dialect, and cost every call where no keyword asks for them.
  const keys = (wanted: string): boolean => someKey(schema, (key) => key.startsWith(wanted));
  Object.assign(ajv.opts, { unevaluated: keys('unevaluated'), dynamicRef: keys('$dynamic') });
  for (const format of knownFormats()) ajv.addFormat(format, () => true);
  for (const definition of validatorKeywords(loaded)) ajv.removeKeyword(definition.keyword).addKeyword(definition);
  const validate = ajv.compile(prepare(schema));
  const name = String(validate.source?.validateName);
  return { name, ...withoutImports(standalone(ajv, validate), name) };
}

function withoutImports(code: string, name: string): Omit<StandaloneCode, 'name'> {
  const head = `"use strict";\nmodule.exports = ${name};\nmodule.exports.default = ${name};\n`;
  if (!code.startsWith(head)) throw new TypeError('ajv has changed the form of its code');
  const parts = new Set<string>();
  const lines = code.slice(head.length).split('\n');
  const text = lines.map((line) => {
    const match =
      /^const (?<alias>\w+) = (?:require\("ajv\/dist\/runtime\/(?<module>\w+)"\)\.default|(?<part>namePattern|isMultiple|twins));$/.exec(
        line,
      );
    const part = RUNTIME.get(match?.groups?.module ?? '') ?? match?.groups?.part;
    if (part === undefined) return line;
    parts.add(part);
    return `const ${match?.groups?.alias} = ${part};`;
  });
  if (text.some((line) => /^(?:const|let|var) \w+ = require\(/.test(line)))
    throw new TypeError('ajv needs a part that is not known');
  return { text: text.join('\n'), parts: [...parts] };
}

/** The function that patterns for names of properties are compiled with, and what to call it in the text. */
const NAME_PATTERN = Object.assign((source: string, flags: string) => new RegExp(source, flags), {
  code: 'namePattern',
});
/** A copy that ajv reads as JSON Schema reads it: without keywords of other dialects, our marks in ajv's own words. */
function prepare(schema: JsonSchema): JsonSchema {
  return rewriteSchema(schema, (keyword, value) => {
    if (keyword === TAG_KEYWORD) return ['discriminator', { propertyName: value }];
    if (keyword === 'properties' && typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
      throw new TypeError('no property may be named "__proto__"');
    }
    return FOREIGN.has(keyword) ? undefined : [keyword, value];
  });
}

/** Keywords of ajv and of OpenAPI that are none of JSON Schema, and would change what the code is or does. */
const FOREIGN: ReadonlySet<string> = new Set(['$async', 'discriminator', 'nullable', '$comment', '$schema', 'id']);

function someKey(value: unknown, test: (key: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, entry]) => test(key) || someKey(entry, test));
}

function namePatterns(schema: JsonSchema): readonly string[] {
  const patterns: string[] = [];
  visitSchema(schema, (keyword, value) => {
    if (keyword === 'patternProperties' && typeof value === 'object' && value !== null)
      patterns.push(...Object.keys(value));
  });
  return patterns;
}
