/** What the value of a keyword of JSON Schema holds, for those who look for the schemas within a schema. */
export type KeywordValue =
  /** A value or names. */
  | 'data'
  /** Schemas by name. */
  | 'map'
  /** A schema, a list of schemas, or a plain value. */
  | 'schema';

const DATA: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples', 'required', 'dependentRequired']);
const MAPS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);

export function keywordValue(keyword: string): KeywordValue {
  return DATA.has(keyword) ? 'data' : MAPS.has(keyword) ? 'map' : 'schema';
}
