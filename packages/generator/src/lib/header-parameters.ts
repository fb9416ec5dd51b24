import { schemaFault } from './definition-fault.ts';
import type { JsonSchema } from './description.ts';
import { quote } from './errors.ts';
import { visitSchema } from './rewrite-schema.ts';

const KEYWORD = 'x-mcp-header';
/** `token` of RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES: readonly unknown[] = ['string', 'integer', 'boolean', 'number'];

/**
 * Arguments that clients mirror in `Mcp-Param-*` headers: JSON Pointer of the argument → header name without the
 * prefix. Only properties reached through `properties` alone may be marked (specification 2026-07-28, Streamable HTTP,
 * "Custom Headers from Tool Parameters"); any other mark would make clients refuse the tool, so it is an error here.
 */
export function headerParameters(schema: JsonSchema): Readonly<Record<string, string>> | undefined {
  const found = new Map<string, string>();
  walkProperties(schema, '', found);
  let marks = 0;
  visitSchema(schema, (keyword) => {
    if (keyword === KEYWORD) marks++;
  });
  if (marks > found.size) {
    throw schemaFault(
      'input',
      `"${KEYWORD}" is allowed only on properties that are reached through "properties" alone`,
      'Move the argument to the top of the input, or take the mark away.',
    );
  }
  if (found.size === 0) return undefined;
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function walkProperties(schema: JsonSchema, pointer: string, found: Map<string, string>): void {
  for (const [name, property] of Object.entries(objectOf(schema.properties))) {
    const path = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const mark = objectOf(property)[KEYWORD];
    if (mark !== undefined) found.set(path, checkMark(mark, objectOf(property), name, found));
    walkProperties(objectOf(property), path, found);
  }
}

function checkMark(mark: unknown, property: JsonSchema, name: string, found: ReadonlyMap<string, string>): string {
  const where = `"${KEYWORD}" of ${quote(name)}`;
  if (typeof mark !== 'string' || !TOKEN.test(mark)) {
    const hint = 'Write a name such as "Tenant": clients send it as Mcp-Param-Tenant.';
    throw schemaFault('input', `${where} is not a header name: expected letters, digits and "-"`, hint);
  }
  if (!TYPES.includes(property.type)) {
    throw schemaFault(
      'input',
      `${where} needs the type string, integer or boolean, got ${quote(String(property.type))}`,
      'A header carries one plain value: mark an argument of such a type, or none.',
    );
  }
  if ([...found.values()].some((other) => other.toLowerCase() === mark.toLowerCase())) {
    const state = `${where} is taken: two arguments cannot share the header ${quote(mark)}`;
    throw schemaFault('input', state, 'Give one of them another name.');
  }
  return mark;
}

function objectOf(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
}
