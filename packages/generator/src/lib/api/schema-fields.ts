import type { JsonSchema } from '../description.ts';
import { patternFlags } from '../pattern-flags.ts';
import { nodeEntries, nodesIn, type SchemaNode, toNode } from './schema-parts.ts';

/** The types of JSON Schema, with numbers that are no integers by themselves. */
export type JsonType = 'null' | 'boolean' | 'integer' | 'fraction' | 'string' | 'array' | 'object';

const ALL: readonly JsonType[] = ['null', 'boolean', 'integer', 'fraction', 'string', 'array', 'object'];

/** Which types a schema says that it takes, by `type` alone. */
export function typesOf({ type }: JsonSchema): ReadonlySet<JsonType> {
  if (type === undefined) return new Set(ALL);
  const names = new Set([type].flat());
  return new Set(ALL.filter((known) => names.has(known) || (names.has('number') && isNumber(known))));
}

/** Which types all of these schemas take. */
export function commonTypes(schemas: readonly JsonSchema[]): readonly JsonType[] {
  const sets = schemas.map(typesOf);
  return ALL.filter((type) => sets.every((set) => set.has(type)));
}

function isNumber(type: JsonType): boolean {
  return type === 'integer' || type === 'fraction';
}

export function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value === 'boolean' ? 'boolean' : typeof value === 'string' ? 'string' : 'object';
}

/** What a schema asks of the property of an object. */
export interface PropertySchemas {
  readonly nodes: readonly SchemaNode[];
  /** Whether the name is one that the schema speaks of, rather than any other. */
  readonly named: boolean;
}

export function propertySchemas(schema: JsonSchema, name: string): PropertySchemas {
  const own = nodeEntries(schema.properties).filter(([key]) => key === name);
  const matching = nodeEntries(schema.patternProperties).filter(([pattern]) => matches(pattern, name) !== false);
  const nodes = [...own, ...matching].map(([, node]) => node);
  return nodes.length > 0 ? { nodes, named: true } : { nodes: [restOf(schema)], named: false };
}

/** What a schema asks of properties that it does not speak of. */
export function restOf({ additionalProperties }: JsonSchema): SchemaNode {
  return toNode(additionalProperties) ?? true;
}

/** Whether a schema is silent about properties that it does not name. */
export function isOpen(schema: JsonSchema): boolean {
  const rest = restOf(schema);
  return rest === true || (rest !== false && Object.keys(rest).length === 0);
}

/** What a schema asks of the item at a place of an array. */
export function itemSchema(schema: JsonSchema, index: number): SchemaNode {
  return prefixOf(schema)[index] ?? itemRest(schema);
}

/** The items that have a schema of their own, by place; a list in `items` is what drafts before 2020-12 wrote. */
export function prefixOf({ prefixItems, items }: JsonSchema): readonly SchemaNode[] {
  return nodesIn(Array.isArray(items) ? items : prefixItems);
}

export function itemRest({ items, additionalItems }: JsonSchema): SchemaNode {
  return toNode(Array.isArray(items) ? additionalItems : items) ?? true;
}

/** Whether a text matches a pattern; `undefined` where the pattern is none of JavaScript's. */
export function matches(pattern: string, text: string): boolean | undefined {
  try {
    return new RegExp(pattern, patternFlags(pattern)).test(text);
  } catch {
    return undefined;
  }
}

/** A number that a keyword holds. */
export function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
