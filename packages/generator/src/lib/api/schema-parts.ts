import type { JsonSchema } from '../description.ts';

/** A schema, or one within it. `true` takes every value and `false` none. */
export type SchemaNode = JsonSchema | boolean;

/** Schemas that a value must satisfy all at once. */
export interface SchemaParts {
  readonly schemas: readonly JsonSchema[];
  /** No value satisfies them. */
  readonly never: boolean;
  /** References that lead nowhere within the document. */
  readonly unresolved: readonly string[];
}

/** Follows references and `allOf`, so that what is left speaks of values alone. References lead to places within `root`. */
export function partsOf(nodes: readonly SchemaNode[], root: SchemaNode): SchemaParts {
  const schemas = new Set<JsonSchema>();
  const unresolved: string[] = [];
  let never = false;
  const waiting = [...nodes];
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    if (node === false) never = true;
    if (typeof node === 'boolean' || schemas.has(node)) continue;
    schemas.add(node);
    waiting.push(...nodesIn(node.allOf));
    for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
      const reference = node[keyword];
      if (typeof reference !== 'string') continue;
      const target = keyword === '$ref' ? resolveReference(reference, root) : undefined;
      if (target === undefined) unresolved.push(reference);
      else waiting.push(target);
    }
  }
  return { schemas: [...schemas], never, unresolved };
}

/** Where a JSON pointer such as `#/$defs/city` leads; `undefined` for anything else. */
export function resolveReference(reference: string, root: SchemaNode): SchemaNode | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let current: unknown = root;
  for (const token of reference.slice(2).split('/')) {
    const name = decoded(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = Reflect.get(current, name);
  }
  return toNode(current);
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

/** The schema that a keyword holds; `undefined` where it holds none. */
export function toNode(value: unknown): SchemaNode | undefined {
  if (typeof value === 'boolean') return value;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined;
}

/** The schemas in a list, such as the one of `anyOf`. */
export function nodesIn(value: unknown): readonly SchemaNode[] {
  return Array.isArray(value) ? value.map(toNode).filter((node) => node !== undefined) : [];
}

/** The schemas in a map, such as the one of `properties`. */
export function nodeEntries(value: unknown): readonly (readonly [name: string, node: SchemaNode])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, entry]) => {
    const node = toNode(entry);
    return node === undefined ? [] : [[name, node] as const];
  });
}

/** The texts in a list, such as the one of `required`. */
export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
