import type { JsonSchema } from './description.ts';

/** Keywords whose values are data, not schemas. */
const DATA: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples', 'required', 'dependentRequired']);
/** Keywords whose values are schemas by name. */
const MAPS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);

/** What becomes of one keyword; undefined takes it out. `path` leads to its schema by names: `.city.name`. */
export type KeywordChange = (keyword: string, value: unknown, path: string) => readonly [string, unknown] | undefined;

/** A copy of a schema in which each keyword, of it and of all schemas within it, has been changed. */
export function rewriteSchema(schema: JsonSchema, change: KeywordChange): JsonSchema {
  return Object.fromEntries(rewriteKeywords(schema, change, ''));
}

function rewriteKeywords(schema: object, change: KeywordChange, path: string): (readonly [string, unknown])[] {
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const changed = change(keyword, value, path);
    if (changed === undefined) return [];
    if (DATA.has(keyword)) return [changed];
    return [
      [changed[0], MAPS.has(keyword) ? rewriteMap(changed[1], change, path) : rewriteValue(changed[1], change, path)],
    ];
  });
}

function rewriteValue(value: unknown, change: KeywordChange, path: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => rewriteValue(entry, change, path));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(rewriteKeywords(value, change, path));
}

function rewriteMap(value: unknown, change: KeywordChange, path: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, rewriteValue(entry, change, `${path}.${name}`)]),
  );
}

/** Looks at each keyword of a schema and of all schemas within it. */
export function visitSchema(schema: JsonSchema, visit: (keyword: string, value: unknown, path: string) => void): void {
  rewriteSchema(schema, (keyword, value, path) => {
    visit(keyword, value, path);
    return [keyword, value];
  });
}
