import type { JsonSchema } from '../description.ts';
import { keywordValue } from '../keyword-value.ts';
import { resolveReference, type SchemaNode, toNode } from './schema-parts.ts';

/** Two schemas and the documents that their references lead into. */
export interface SchemaPair {
  readonly roots: readonly [SchemaNode, SchemaNode];
  /** Pairs that are being compared further up: a schema may refer to itself. */
  readonly open: Map<unknown, Set<unknown>>;
}

/** What says nothing about which values are valid. */
const SILENT = new Set(
  '$schema $id $anchor $comment $defs definitions title description examples default deprecated readOnly writeOnly'.split(
    ' ',
  ),
);

/** Lists whose order says nothing. */
const SETS = new Set(['required', 'type', 'enum']);

/** Whether two schemas say the same about values, as far as this shows in how they are written. References are followed. */
export function sameSchema(a: SchemaNode, b: SchemaNode, roots: SchemaPair['roots']): boolean {
  return sameNode(a, b, { roots, open: new Map() });
}

/** Whether two schemas say the same by these keywords, which one of them may lack where the other does. */
export function sameKeywords(
  keywords: readonly string[],
  [a, b]: readonly [JsonSchema, JsonSchema],
  roots: SchemaPair['roots'],
): boolean {
  return keywords.every((keyword) => sameValue(keyword, [a[keyword], b[keyword]], { roots, open: new Map() }));
}

function sameNode(a: SchemaNode, b: SchemaNode, pair: SchemaPair): boolean {
  if (typeof a === 'boolean' || typeof b === 'boolean') return asBoolean(a) === asBoolean(b);
  const seen = pair.open.get(a) ?? new Set();
  if (seen.has(b)) return true;
  pair.open.set(a, seen.add(b));
  const keywords = new Set([...Object.keys(a), ...Object.keys(b)].filter((keyword) => !SILENT.has(keyword)));
  return [...keywords].every((keyword) => sameValue(keyword, [a[keyword], b[keyword]], pair));
}

/** `{}` takes what `true` takes. */
function asBoolean(node: SchemaNode): SchemaNode {
  if (typeof node === 'boolean') return node;
  return Object.keys(node).every((keyword) => SILENT.has(keyword)) ? true : node;
}

function sameValue(keyword: string, [a, b]: readonly [unknown, unknown], pair: SchemaPair): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (keyword === '$ref' && typeof a === 'string' && typeof b === 'string') return sameTarget(a, b, pair);
  if (SETS.has(keyword)) return sameSet(a, b);
  const holds = keywordValue(keyword);
  if (holds === 'data') return jsonOf(a) === jsonOf(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((entry, index) => sameEntry(entry, b[index], pair));
  if (holds === 'map') return sameMap(a, b, pair);
  return sameEntry(a, b, pair);
}

function sameTarget(a: string, b: string, pair: SchemaPair): boolean {
  const [one, other] = [resolveReference(a, pair.roots[0]), resolveReference(b, pair.roots[1])];
  if (one === undefined || other === undefined) return one === other && a === b;
  return sameNode(one, other, pair);
}

function sameMap(a: unknown, b: unknown, pair: SchemaPair): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [one, other] = [Object.entries(a), new Map(Object.entries(b))];
  return one.length === other.size && one.every(([name, value]) => sameEntry(value, other.get(name), pair));
}

/** A schema, or what stands where one could. */
function sameEntry(a: unknown, b: unknown, pair: SchemaPair): boolean {
  const [one, other] = [toNode(a), toNode(b)];
  return one === undefined || other === undefined ? jsonOf(a) === jsonOf(b) : sameNode(one, other, pair);
}

function sameSet(a: unknown, b: unknown): boolean {
  const [one, other] = [setOf(a), setOf(b)];
  return one.size === other.size && [...one].every((entry) => other.has(entry));
}

function setOf(list: unknown): ReadonlySet<string> {
  return new Set([list].flat().map(jsonOf));
}

/** JSON with sorted names: the same text for the same value. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}
