import type { CodeKeywordDefinition } from 'ajv';
import { patternFlags } from './pattern-flags.ts';
import { FLAGS_KEYWORD, UNKNOWN_KEYWORD } from './validation-keywords.ts';

type Codegen = typeof import('ajv/dist/compile/codegen/index.js');
type Keyword = CodeKeywordDefinition & { readonly keyword: string };

/** Characters that a text may have before it is matched against a pattern, unless its schema allows more. */
const PATTERN_LENGTH = 10_000;
/** Stand for the parts of the same names in runtime/validator.js, which the text calls. */
const isMultiple = (value: number, step: number): boolean => value % step === 0;
const twins = (list: readonly unknown[]): readonly number[] | undefined => (list.length < 0 ? [] : undefined);

/** ajv's own keywords where ours are safer or truer, and the mark for unknown keys of validation-keywords.ts. */
export function validatorKeywords(codegen: Codegen): readonly Keyword[] {
  return [patternKeyword(codegen), multipleKeyword(codegen), uniqueKeyword(codegen), unknownKeyword(codegen)];
}

/** Looks at the length before the pattern, and takes the flags that are marked beside it. */
function patternKeyword({ _ }: Codegen): Keyword {
  return {
    keyword: 'pattern',
    type: 'string',
    schemaType: 'string',
    code(cxt) {
      const { gen, data, schema, parentSchema } = cxt;
      const marked: unknown = parentSchema[FLAGS_KEYWORD];
      const flags = typeof marked === 'string' ? marked : patternFlags(schema);
      const max: unknown = parentSchema.maxLength;
      const limit = typeof max === 'number' && max > PATTERN_LENGTH ? max : PATTERN_LENGTH;
      const value = new RegExp(schema, flags);
      const code = _`new RegExp(${schema}, ${flags})`;
      const regex = gen.scopeValue('pattern', { key: String(value), ref: value, code });
      cxt.setParams({ limit });
      cxt.fail(_`${data}.length > ${limit} || !${regex}.test(${data})`);
    },
    error: { message: '', params: ({ schema, params }) => _`{pattern: ${schema}, limit: ${params.limit}}` },
  };
}

/** Exact for whole steps of any size, and within rounding for fractions. */
function multipleKeyword({ _ }: Codegen): Keyword {
  return {
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    code(cxt) {
      const test = cxt.gen.scopeValue('func', { ref: isMultiple, code: _`isMultiple` });
      cxt.fail(_`!${test}(${cxt.data}, ${cxt.schema})`);
    },
    error: { message: '', params: ({ schema }) => _`{multipleOf: ${schema}}` },
  };
}

/** In linear time. */
function uniqueKeyword({ _ }: Codegen): Keyword {
  return {
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    code(cxt) {
      if (cxt.schema !== true) return;
      const test = cxt.gen.scopeValue('func', { ref: twins, code: _`twins` });
      const found = cxt.gen.const('twins', _`${test}(${cxt.data})`);
      cxt.setParams({ found });
      cxt.fail(_`${found} !== undefined`);
    },
    error: { message: '', params: ({ params }) => _`{twins: ${params.found}}` },
  };
}

/** Before all others, so that what is removed is not looked at. */
function unknownKeyword({ _, stringify }: Codegen): Keyword {
  return {
    keyword: UNKNOWN_KEYWORD,
    type: 'object',
    schemaType: 'string',
    before: 'maxProperties',
    code({ gen, data, schema, parentSchema }) {
      gen.if(_`Object.hasOwn(${data}, "__proto__")`, () => gen.code(_`delete ${data}["__proto__"]`));
      if (schema !== 'strip') return;
      const names = new Set(Object.keys(parentSchema.properties ?? {}));
      const known = gen.scopeValue('schema', { key: names, ref: names, code: _`new Set(${stringify([...names])})` });
      gen.forIn('key', data, (key) => gen.if(_`!${known}.has(${key})`, () => gen.code(_`delete ${data}[${key}]`)));
    },
  };
}
