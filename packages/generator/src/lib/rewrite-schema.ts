import type { JsonSchema } from './description.ts';
import { keywordValue } from './keyword-value.ts';

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
    const holds = keywordValue(keyword);
    if (holds === 'data') return [changed];
    return [[changed[0], (holds === 'map' ? rewriteMap : rewriteValue)(changed[1], change, path)]];
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
