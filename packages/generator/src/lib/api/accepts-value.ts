import type { JsonSchema } from '../description.ts';
import { jsonOf } from './same-schema.ts';
import { itemSchema, matches, numberIn, propertySchemas, typeOf, typesOf } from './schema-fields.ts';
import { nodesIn, partsOf, type SchemaNode, textsIn, toNode } from './schema-parts.ts';

/** Whether a schema takes a value; `unknown` where it says so by something that is not understood here. */
export type Verdict = 'yes' | 'no' | 'unknown';

/** Tries a value that another schema lists. Knows the keywords of JSON Schema 2020-12 that values can be listed by. */
export function acceptsValue(value: unknown, node: SchemaNode, root: SchemaNode): Verdict {
  const { schemas, never, unresolved } = partsOf([node], root);
  if (never) return 'no';
  const verdicts = schemas.map((schema) => acceptsPart(value, schema, root));
  return all([...verdicts, ...(unresolved.length > 0 ? (['unknown'] as const) : [])]);
}

/** Keywords that only a whole validator can tell about. */
const OPAQUE = [
  'format',
  'contains',
  'dependentSchemas',
  'dependencies',
  'unevaluatedItems',
  'unevaluatedProperties',
] as const;

function acceptsPart(value: unknown, schema: JsonSchema, root: SchemaNode): Verdict {
  const type = typeOf(value);
  if (!typesOf(schema).has(type)) return 'no';
  if (Array.isArray(schema.enum) && !schema.enum.some((entry) => jsonOf(entry) === jsonOf(value))) return 'no';
  if (schema.const !== undefined && jsonOf(schema.const) !== jsonOf(value)) return 'no';
  const opaque = OPAQUE.some((keyword) => schema[keyword] !== undefined && concerns(keyword, type));
  return all([
    acceptsOfType(value, schema, root),
    acceptsAlternatives(value, schema, root),
    opaque ? 'unknown' : 'yes',
  ]);
}

function concerns(keyword: (typeof OPAQUE)[number], type: string): boolean {
  if (keyword === 'format') return type === 'string';
  return type === (keyword === 'contains' || keyword === 'unevaluatedItems' ? 'array' : 'object');
}

function acceptsOfType(value: unknown, schema: JsonSchema, root: SchemaNode): Verdict {
  if (typeof value === 'number') return verdict(acceptsNumber(value, schema));
  if (typeof value === 'string') return acceptsText(value, schema);
  if (Array.isArray(value)) return acceptsArray(value, schema, root);
  if (typeof value === 'object' && value !== null) return acceptsObject(value, schema, root);
  return 'yes';
}

function acceptsNumber(value: number, schema: JsonSchema): boolean {
  const limit = (keyword: string): number | undefined => numberIn(schema[keyword]);
  const step = limit('multipleOf');
  return (
    value >= (limit('minimum') ?? -Infinity) &&
    value <= (limit('maximum') ?? Infinity) &&
    value > (limit('exclusiveMinimum') ?? -Infinity) &&
    value < (limit('exclusiveMaximum') ?? Infinity) &&
    (step === undefined || Number.isInteger(value / step))
  );
}

function acceptsText(value: string, schema: JsonSchema): Verdict {
  if (!within([...value].length, schema, ['minLength', 'maxLength'])) return 'no';
  if (typeof schema.pattern !== 'string') return 'yes';
  const found = matches(schema.pattern, value);
  return found === undefined ? 'unknown' : verdict(found);
}

function acceptsArray(value: readonly unknown[], schema: JsonSchema, root: SchemaNode): Verdict {
  if (!within(value.length, schema, ['minItems', 'maxItems'])) return 'no';
  if (schema.uniqueItems === true && new Set(value.map(jsonOf)).size < value.length) return 'no';
  return all(value.map((entry, index) => acceptsValue(entry, itemSchema(schema, index), root)));
}

function acceptsObject(value: object, schema: JsonSchema, root: SchemaNode): Verdict {
  const names = Object.keys(value);
  if (!within(names.length, schema, ['minProperties', 'maxProperties'])) return 'no';
  if (textsIn(schema.required).some((name) => !Object.hasOwn(value, name))) return 'no';
  const dependent = Object.entries(toNode(schema.dependentRequired) ?? {});
  if (dependent.some(([name, others]) => Object.hasOwn(value, name) && lacks(value, others))) return 'no';
  const nameSchema = toNode(schema.propertyNames) ?? true;
  return all(
    Object.entries(value).flatMap(([name, entry]) => [
      acceptsValue(name, nameSchema, root),
      ...propertySchemas(schema, name).nodes.map((node) => acceptsValue(entry, node, root)),
    ]),
  );
}

function lacks(value: object, names: unknown): boolean {
  return textsIn(names).some((name) => !Object.hasOwn(value, name));
}

function within(count: number, schema: JsonSchema, [least, most]: readonly [string, string]): boolean {
  return count >= (numberIn(schema[least]) ?? 0) && count <= (numberIn(schema[most]) ?? Infinity);
}

function acceptsAlternatives(value: unknown, schema: JsonSchema, root: SchemaNode): Verdict {
  const accepts = (node: SchemaNode): Verdict => acceptsValue(value, node, root);
  const { anyOf, oneOf, not, if: condition } = schema;
  const excluded = toNode(not);
  return all([
    Array.isArray(anyOf) ? any(nodesIn(anyOf).map(accepts)) : 'yes',
    Array.isArray(oneOf) ? one(nodesIn(oneOf).map(accepts)) : 'yes',
    excluded === undefined ? 'yes' : opposite(accepts(excluded)),
    condition === undefined ? 'yes' : acceptsConditional(schema, accepts),
  ]);
}

function acceptsConditional(schema: JsonSchema, accepts: (node: SchemaNode) => Verdict): Verdict {
  const condition = accepts(toNode(schema.if) ?? true);
  const results = [accepts(toNode(schema.then) ?? true), accepts(toNode(schema.else) ?? true)] as const;
  if (condition === 'unknown') return results[0] === results[1] ? results[0] : 'unknown';
  return results[condition === 'yes' ? 0 : 1];
}

function verdict(accepted: boolean): Verdict {
  return accepted ? 'yes' : 'no';
}

function opposite(found: Verdict): Verdict {
  return found === 'unknown' ? found : verdict(found === 'no');
}

function all(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('no') ? 'no' : verdicts.includes('unknown') ? 'unknown' : 'yes';
}

function any(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('yes') ? 'yes' : verdicts.includes('unknown') ? 'unknown' : 'no';
}

function one(verdicts: readonly Verdict[]): Verdict {
  const yes = verdicts.filter((found) => found === 'yes').length;
  if (yes > 1) return 'no';
  return verdicts.includes('unknown') ? 'unknown' : verdict(yes === 1);
}
