import { schemaFault } from './definition-fault.ts';
import type { JsonSchema } from './description.ts';
import { quote } from './errors.ts';
import { keywordValue } from './keyword-value.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
/** Levels of nesting within a schema, far beyond what a model can use. */
const DEPTH_LIMIT = 64;

/**
 * Checks what every schema that reaches a client must keep to: the dialect 2020-12, references within itself only, no
 * property named `__proto__`, bounded depth. Returns it without the `$schema` that says what is the default anyway.
 */
export function checkJsonSchema(field: string, schema: JsonSchema): JsonSchema {
  const { $schema: dialect, ...rest } = schema;
  if (dialect !== undefined && (typeof dialect !== 'string' || dialect.replace(/#$/, '') !== DIALECT)) {
    throw schemaFault(
      field,
      `the dialect ${quote(String(dialect))} is not supported, expected JSON Schema 2020-12`,
      'Take "$schema" out, and write the schema in the words of 2020-12.',
    );
  }
  visit(rest, 0, { field, root: rest, anchors: anchorsOf(rest) });
  return rest;
}

/** An input is an object: each argument has a name. */
export function checkObjectAtTop(field: string, schema: JsonSchema): void {
  if (schema.type === 'object') return;
  const got = schema.type === undefined ? 'no type' : JSON.stringify(schema.type);
  throw schemaFault(
    field,
    `the schema must have "type": "object" at the top, got ${got}`,
    'Put the value in a property of an object.',
  );
}

interface Check {
  readonly field: string;
  readonly root: JsonSchema;
  readonly anchors: ReadonlySet<string>;
}

function visit(value: unknown, depth: number, check: Check, isMap = false): void {
  if (depth > DEPTH_LIMIT) {
    const state = `the schema is nested more than ${DEPTH_LIMIT} levels deep`;
    throw schemaFault(check.field, state, 'Make it flatter: a model cannot fill in so deep a value.');
  }
  if (Array.isArray(value)) {
    for (const entry of value) visit(entry, depth + 1, check);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, entry] of Object.entries(value)) {
    if (key === '__proto__')
      throw schemaFault(check.field, 'no property may be named "__proto__"', 'Choose another name.');
    if (isMap) visit(entry, depth + 1, check);
    else if (key === '$ref' || key === '$dynamicRef') checkReference(key, entry, check);
    else if (keywordValue(key) !== 'data') visit(entry, depth + 1, check, keywordValue(key) === 'map');
  }
}

function checkReference(keyword: string, target: unknown, { field, root, anchors }: Check): void {
  const shown = quote(String(target));
  if (typeof target !== 'string' || !target.startsWith('#')) {
    throw schemaFault(
      field,
      `${keyword} ${shown} leads out of the schema`,
      'Copy what it names into "$defs" and refer to it by "#/$defs/name".',
    );
  }
  const found =
    target.startsWith('#/') || target === '#' ? resolves(root, target.slice(2)) : anchors.has(target.slice(1));
  if (!found) {
    const hint = 'Define it in "$defs" of this schema and refer to it by "#/$defs/name", or correct the name.';
    throw schemaFault(field, `${keyword} ${shown} names nothing in the schema`, hint);
  }
}

function resolves(root: JsonSchema, pointer: string): boolean {
  let value: unknown = root;
  for (const segment of pointer === '' ? [] : pointer.split('/')) {
    const key = decode(segment).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = Reflect.get(value, key);
  }
  return true;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function anchorsOf(value: unknown, found = new Set<string>(), depth = 0): Set<string> {
  if (typeof value !== 'object' || value === null || depth > DEPTH_LIMIT) return found;
  for (const [key, entry] of Object.entries(value)) {
    if ((key === '$anchor' || key === '$dynamicAnchor') && typeof entry === 'string') found.add(entry);
    anchorsOf(entry, found, depth + 1);
  }
  return found;
}
