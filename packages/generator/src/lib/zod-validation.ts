import { schemaFault } from './definition-fault.ts';
import type { JsonSchema } from './description.ts';
import { absentValue } from './static-default.ts';
import { LENGTH_KEYWORD, TAG_KEYWORD, UNKNOWN_KEYWORD } from './validation-keywords.ts';
import { checkKeywords, lengthUnit, mergeKeywords, patternKeywords } from './zod-checks.ts';
import { isZodNode, type ZodDef, type ZodNode, zodChecks, zodChild, zodChildren, zodTags } from './zod-node.ts';

export interface ZodValidation {
  /** For `compileValidator`. Never refuses what zod accepts. */
  readonly schema: JsonSchema;
  /** The compiled validator gives what zod gives, defaults and removed keys included. */
  readonly exact: boolean;
}

/** Schemas in one schema, counted where they occur. */
const NODE_LIMIT = 20_000;

/**
 * Translates a zod 4 schema into what a compiled validator checks. Whatever is not known here to be said by JSON Schema
 * in full makes the translation inexact: it then only refuses what zod would refuse, changes nothing, and zod does the
 * rest.
 */
export function zodValidation(root: ZodNode): ZodValidation {
  const first = translate(root, 'exact');
  return first.exact ? first : { ...translate(root, 'check'), exact: false };
}

interface Walk {
  readonly mode: 'exact' | 'check';
  exact: boolean;
  /** Above zero inside alternatives, where nothing may be changed before one of them is chosen. */
  alternatives: number;
  nodes: number;
  unit: 'points' | 'utf16' | undefined;
  readonly open: Map<ZodNode, string | undefined>;
  readonly definitions: Record<string, JsonSchema>;
}

function translate(root: ZodNode, mode: Walk['mode']): ZodValidation {
  const walk: Walk = {
    mode,
    exact: true,
    alternatives: 0,
    nodes: 0,
    unit: undefined,
    open: new Map(),
    definitions: {},
  };
  const schema = emit(root, walk);
  const definitions = Object.keys(walk.definitions).length === 0 ? {} : { $defs: walk.definitions };
  return { schema: { [LENGTH_KEYWORD]: walk.unit ?? 'points', ...schema, ...definitions }, exact: walk.exact };
}

function emit(node: ZodNode, walk: Walk): JsonSchema {
  if (++walk.nodes > NODE_LIMIT) throw schemaFault('input', `the schema is larger than ${NODE_LIMIT} parts`);
  if (walk.open.has(node)) return reference(node, walk);
  walk.open.set(node, undefined);
  const schema = emitNode(node, walk);
  const name = walk.open.get(node);
  walk.open.delete(node);
  if (name === undefined) return schema;
  walk.definitions[name] = schema;
  return { $ref: `#/$defs/${name}` };
}

/** A schema that holds itself becomes a definition. */
function reference(node: ZodNode, walk: Walk): JsonSchema {
  if (walk.alternatives > 0) walk.exact = false;
  const name =
    walk.open.get(node) ?? `r${[...walk.open.values()].filter(Boolean).length + Object.keys(walk.definitions).length}`;
  walk.open.set(node, name);
  return { $ref: `#/$defs/${name}` };
}

function emitNode(node: ZodNode, walk: Walk): JsonSchema {
  const { def } = node._zod;
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return emitScalar(node, def.type, walk);
    case 'object':
      return withoutChecks(node, walk, () => emitObject(def, walk));
    case 'array':
      return emitArray(node, walk);
    case 'union':
      return withoutChecks(node, walk, () => emitUnion(def, walk));
    case 'optional':
    case 'default':
    case 'prefault':
    case 'readonly':
      return withoutChecks(node, walk, () => emit(zodChild(def, 'innerType'), walk));
    case 'nullable':
      return withoutChecks(node, walk, () => nullable(zodChild(def, 'innerType'), walk));
    case 'record':
      return withoutChecks(node, walk, () => emitRecord(def, walk));
    case 'lazy':
      return withoutChecks(node, walk, () => emit(node._zod.innerType ?? zodChild(def, 'innerType'), walk));
    case 'tuple':
      return withoutChecks(node, walk, () => emitTuple(def, walk));
    default:
      return withoutChecks(node, walk, () => emitRest(node, walk));
  }
}

function inexact(walk: Walk, schema: JsonSchema = {}): JsonSchema {
  walk.exact = false;
  return schema;
}

/** Refinements of anything but texts, numbers and arrays are code. They may not change what was checked before them. */
function withoutChecks(node: ZodNode, walk: Walk, emitIt: () => JsonSchema): JsonSchema {
  if (zodChecks(node).length > 0) walk.exact = false;
  return emitIt();
}

function emitScalar(node: ZodNode, type: 'string' | 'number' | 'boolean', walk: Walk): JsonSchema {
  if (node._zod.def.coerce === true) return inexact(walk);
  if (type === 'boolean') return withoutChecks(node, walk, () => ({ type }));
  if (type === 'string') walk.unit ??= lengthUnit(node);
  const { keywords, exact } = checkKeywords(zodChecks(node), type);
  if (!exact) walk.exact = false;
  return mergeKeywords({ type }, keywords);
}

function emitRest(node: ZodNode, walk: Walk): JsonSchema {
  const { def, values, pattern } = node._zod;
  switch (def.type) {
    case 'null':
      return { type: 'null' };
    case 'any':
    case 'unknown':
      return {};
    case 'never':
      return { not: {} };
    case 'enum':
    case 'literal': {
      const list = [...(values ?? [])];
      const json =
        list.length > 0 &&
        list.every((value) => value === null || ['string', 'number', 'boolean'].includes(typeof value));
      return json ? { enum: list } : inexact(walk);
    }
    case 'template_literal': {
      const keywords = pattern === undefined ? undefined : patternKeywords(pattern);
      return keywords === undefined ? inexact(walk) : { type: 'string', ...keywords };
    }
    case 'pipe': {
      const input = zodChild(def, 'in');
      return inexact(walk, input._zod.def.type === 'transform' ? {} : emit(input, walk));
    }
    default:
      return inexact(walk);
  }
}

function emitObject(def: ZodDef, walk: Walk): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, field] of Object.entries(typeof def.shape === 'object' && def.shape !== null ? def.shape : {})) {
    if (!isZodNode(field)) continue;
    if (name === '__proto__') throw schemaFault('input', 'no property may be named "__proto__"');
    properties[name] = emitProperty(field, walk);
    if (field._zod.optin === undefined) required.push(name);
  }
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), ...unknownKeys(def, walk) };
}

function unknownKeys(def: ZodDef, walk: Walk): JsonSchema {
  const catchall = isZodNode(def.catchall) ? def.catchall : undefined;
  if (catchall?._zod.def.type === 'never') return { additionalProperties: false };
  const rest = catchall === undefined ? {} : { additionalProperties: emit(catchall, walk) };
  return { ...rest, ...changing(walk, { [UNKNOWN_KEYWORD]: catchall === undefined ? 'strip' : 'keep' }) };
}

/** Keywords that change the input: only where they cannot spoil it for another alternative, and never beside zod. */
function changing(walk: Walk, keywords: JsonSchema): JsonSchema {
  if (walk.alternatives > 0) walk.exact = false;
  return walk.mode === 'exact' ? keywords : {};
}

function emitProperty(field: ZodNode, walk: Walk): JsonSchema {
  const schema = emit(field, walk);
  if (field._zod.optin === undefined || walk.mode === 'check' || !walk.exact) return schema;
  const absent = absentValue(field);
  if (absent.kind === 'dynamic') return inexact(walk, schema);
  return absent.kind === 'absent' ? schema : { ...schema, ...changing(walk, { default: absent.value }) };
}

function emitArray(node: ZodNode, walk: Walk): JsonSchema {
  const { keywords, exact } = checkKeywords(zodChecks(node), 'array');
  if (!exact) walk.exact = false;
  return mergeKeywords({ type: 'array', items: emit(zodChild(node._zod.def, 'element'), walk) }, keywords);
}

function emitTuple(def: ZodDef, walk: Walk): JsonSchema {
  const items = zodChildren(def, 'items');
  const rest = isZodNode(def.rest) ? emit(def.rest, walk) : false;
  // How many may be left out, and what stands for them, is zod's own.
  if (items.some((item) => item._zod.optin !== undefined)) return inexact(walk, { type: 'array' });
  return { type: 'array', prefixItems: items.map((item) => emit(item, walk)), items: rest, minItems: items.length };
}

function emitRecord(def: ZodDef, walk: Walk): JsonSchema {
  const key = zodChild(def, 'keyType');
  const value = zodChild(def, 'valueType');
  const named = key._zod.values !== undefined;
  const plainKeys =
    key._zod.def.type === 'string' ||
    (key._zod.def.type === 'enum' && [...(key._zod.values ?? [])].every((name) => typeof name === 'string'));
  if (!plainKeys || def.mode === 'loose' || def.partial === true) return inexact(walk, { type: 'object' });
  if (named && value._zod.optin !== undefined) return inexact(walk, { type: 'object' });
  const names = emit(key, walk);
  return {
    type: 'object',
    propertyNames: names,
    additionalProperties: emit(value, walk),
    ...(named ? { required: [...(key._zod.values ?? [])] } : {}),
    ...changing(walk, { [UNKNOWN_KEYWORD]: 'keep' }),
  };
}

function nullable(inner: ZodNode, walk: Walk): JsonSchema {
  const schema = emit(inner, walk);
  if (typeof schema.type === 'string') return { ...schema, type: [schema.type, 'null'] };
  if (Array.isArray(schema.enum)) return { enum: [...new Set([...schema.enum, null])] };
  if (schema.$ref !== undefined || schema.allOf !== undefined) walk.exact = false;
  return { anyOf: [schema, { type: 'null' }] };
}

function emitUnion(def: ZodDef, walk: Walk): JsonSchema {
  const options = zodChildren(def, 'options');
  const discriminated =
    typeof def.discriminator === 'string' && def.unionFallback !== true ? def.discriminator : undefined;
  if (discriminated !== undefined && options.every((option) => zodTags(option, discriminated))) {
    const tags = options.flatMap((option) => zodTags(option, discriminated) ?? []);
    const oneOf = options.map((option) => emit(option, walk));
    const properties = { [discriminated]: { enum: tags } };
    return { type: 'object', required: [discriminated], properties, [TAG_KEYWORD]: discriminated, oneOf };
  }
  walk.alternatives++;
  const schemas = options.map((option) => emit(option, walk));
  walk.alternatives--;
  if (def.inclusive === false && discriminated === undefined) return { oneOf: schemas };
  return { anyOf: schemas };
}
