import type { JsonSchema } from '../description.ts';
import { itemRest, prefixOf, restOf } from './schema-fields.ts';
import { propertyPath } from './schema-finding.ts';
import { nodeEntries, nodesIn, partsOf, type SchemaNode } from './schema-parts.ts';

/** Deeper than callers read. */
const DEPTH = 16;

/** Every property that a schema names, by path, and what it says of it. A schema within itself is followed once. */
export function propertyPaths(root: SchemaNode): ReadonlyMap<string, readonly JsonSchema[]> {
  const found = new Map<string, readonly JsonSchema[]>();
  visit([root], '', new Set());
  return found;

  function visit(nodes: readonly SchemaNode[], path: string, above: ReadonlySet<JsonSchema>): void {
    const schemas = partsOf(nodes, root).schemas.filter((schema) => !above.has(schema));
    if (above.size > DEPTH * 8 || schemas.length === 0) return;
    const within = new Set([...above, ...schemas]);
    for (const schema of schemas) {
      for (const [name, node] of nodeEntries(schema.properties)) {
        const at = propertyPath(path, name);
        found.set(at, [...(found.get(at) ?? []), ...partsOf([node], root).schemas]);
        visit([node], at, within);
      }
      for (const node of [...nodesIn(schema.anyOf), ...nodesIn(schema.oneOf)]) visit([node], path, within);
      for (const [index, node] of prefixOf(schema).entries()) visit([node], `${path}[${index}]`, within);
      visit([itemRest(schema)], `${path}[]`, within);
      visit([restOf(schema)], `${path}[*]`, within);
    }
  }
}

/** The property that a path lies in: `filter` of `filter.tags[].name`; none of `city`. */
export function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && /^[.[]/.test(path.slice(above.length));
}
