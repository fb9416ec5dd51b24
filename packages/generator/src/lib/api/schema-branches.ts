import type { JsonSchema } from '../description.ts';
import { nodesIn, partsOf, type SchemaNode } from './schema-parts.ts';

/** Schemas that a value satisfies together: one way through all alternatives. */
export type Branch = readonly JsonSchema[];

/** More ways than this are not looked at. */
const MOST = 256;

/**
 * Every way to satisfy these schemas, one alternative of each `anyOf` and `oneOf` chosen. That a value satisfies just one
 * of `oneOf` is left aside: the ways hold all valid values, and maybe more. `undefined` where there are too many.
 */
export function branchesOf(schemas: readonly JsonSchema[], root: SchemaNode): readonly Branch[] | undefined {
  const done: Branch[] = [];
  const waiting: { readonly schemas: Branch; readonly next: number }[] = [{ schemas, next: 0 }];
  for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
    const { next } = current;
    const schema = current.schemas[next];
    if (schema === undefined) {
      done.push(current.schemas);
      continue;
    }
    const ways = choose(schema, current.schemas, root);
    if (done.length + waiting.length + ways.length > MOST) return undefined;
    waiting.push(...ways.map((way) => ({ schemas: way, next: next + 1 })));
  }
  return done.reverse();
}

/** These schemas, with an alternative of each choice that one of them gives. */
function choose(schema: JsonSchema, schemas: Branch, root: SchemaNode): readonly Branch[] {
  let ways: readonly Branch[] = [schemas];
  for (const keyword of ['anyOf', 'oneOf']) {
    if (!Array.isArray(schema[keyword])) continue;
    const alternatives = nodesIn(schema[keyword]);
    ways = ways.flatMap((way) => alternatives.flatMap((alternative) => withSchema(way, alternative, root)));
  }
  return ways;
}

function withSchema(way: Branch, alternative: SchemaNode, root: SchemaNode): readonly Branch[] {
  const { schemas, never } = partsOf([alternative], root);
  return never ? [] : [[...way, ...schemas.filter((schema) => !way.includes(schema))]];
}
