import { DefinitionFault } from './definition-fault.ts';
import type { CacheDescription, ClientFeature, ToolCacheDescription } from './description.ts';
import { parseDuration } from './duration.ts';
import { messageOf, quote } from './errors.ts';
import { nearest } from './name.ts';
import { typeName } from './type-name.ts';
import { visibleText } from './visible-text.ts';

/** Characters of a title and of a description that reach a client. */
const TITLE_LIMIT = 256;
const DESCRIPTION_LIMIT = 4096;
const FEATURES: readonly ClientFeature[] = ['elicitation', 'sampling', 'roots'];
/** What a tool's `cache` may say besides. */
const CACHE_SPANS = ['staleWhileRevalidate', 'staleIfError', 'negativeTtl'] as const;
const CACHE_HINT = "Write cache: { ttl: '5m' }.";

/** Reads the fields of a definition, whatever it is: each method returns a checked value or throws a fault. */
export interface DefinitionReader {
  /** Sentences for the author, in the order in which they came up. */
  readonly warnings: string[];
  value(field: string): unknown;
  /** A function, or a fault when it is missing or something else. */
  requireFunction(field: string, hint: string): void;
  optionalFunction(field: string): boolean;
  text(field: string): string | undefined;
  /** A text that clients show: `title` or `description`, without what a reader would not see. */
  shown(field: 'title' | 'description'): string | undefined;
  json(field: string): { readonly [key: string]: unknown } | undefined;
  icons(): readonly unknown[] | undefined;
  connectors(): readonly string[];
  uses(): readonly ClientFeature[];
  cache(): CacheDescription | undefined;
  toolCache(): ToolCacheDescription | undefined;
  duration(field: string): number | undefined;
}

/** What a definition has to be. */
export interface DefinitionShape {
  /** As messages name it: `a tool`. */
  readonly what: string;
  readonly fields: readonly string[];
  /** What to do when it is no object at all. */
  readonly hint: string;
}

/** Checks that a definition is an object of known fields and returns a reader for it. */
export function readDefinition(definition: unknown, { what, fields, hint }: DefinitionShape): DefinitionReader {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    throw new DefinitionFault(`its default export is ${typeName(definition)}, expected ${what}`, { hint });
  }
  for (const field of Object.keys(definition)) {
    if (fields.includes(field)) continue;
    const meant = nearest(field, fields);
    const known = meant === undefined ? `The fields are ${fields.join(', ')}.` : `Did you mean ${quote(meant)}?`;
    throw new DefinitionFault(`${quote(field)} is not a field of ${what}`, { field, hint: known });
  }
  const warnings: string[] = [];
  const value = (field: string): unknown => Reflect.get(definition, field);
  return {
    warnings,
    value,
    requireFunction: (field, hint) => {
      if (value(field) === undefined) throw new DefinitionFault(`it has no ${field}`, { hint });
      expectFunction(value(field), field, hint);
    },
    optionalFunction: (field) =>
      value(field) !== undefined && expectFunction(value(field), field, `Write ${field}() { ... }, or leave it out.`),
    text: (field) => readText(value(field), field),
    shown: (field) => shownText(readText(value(field), field), field, warnings),
    json: (field) => readJsonObject(value(field), field),
    icons: () => readIcons(value('icons')),
    connectors: () => readConnectors(value('connectors')),
    uses: () => readUses(value('uses')),
    cache: () => readCache(value('cache'), []),
    toolCache: () => readCache(value('cache'), CACHE_SPANS),
    duration: (field) => readDuration(value(field), field),
  };
}

/** A text without what its reader could not see, with a warning where something was taken out. */
export function shownText(text: string | undefined, field: string, warnings: string[]): string | undefined {
  if (text === undefined) return undefined;
  const limit = field.endsWith('title') ? TITLE_LIMIT : DESCRIPTION_LIMIT;
  const shown = visibleText(text);
  if (shown.removed.length > 0) {
    warnings.push(`Removed ${shown.removed.join(', ')} from ${field}: a reader would not see what the model reads`);
  }
  if (shown.text.length > limit) {
    throw new DefinitionFault(`${field} has ${shown.text.length} characters, at most ${limit} are allowed`, {
      field,
      hint: 'Models read it on every request: say what they need to choose it, and document the rest elsewhere.',
    });
  }
  return shown.text;
}

/** Without the fields that are undefined, so that listings hold only what was said. */
export function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

interface Expected {
  /** As messages name it: `a text`. */
  readonly what: string;
  readonly hint: string;
}

const TEXT: Expected = { what: 'a text', hint: 'Write a text in quotes, or leave the field out.' };
const OBJECT: Expected = { what: 'an object', hint: 'Write an object such as { key: value }, or leave the field out.' };
const ICONS: Expected = { what: 'an array', hint: "Write icons: [{ src: 'https://example.com/icon.png' }]." };
const FEATURE_LIST: Expected = { what: 'an array', hint: `Write an array of ${FEATURES.join(', ')}.` };
const CONNECTOR: Expected = {
  what: 'names or an object of connectors',
  hint: 'Import the connector from its file and write connectors: { db }.',
};

function wrongType(field: string, { what, hint }: Expected, value: unknown): DefinitionFault {
  return new DefinitionFault(`${field} must be ${what}, got ${typeName(value)}`, { field, hint });
}

function expectFunction(value: unknown, field: string, hint: string): true {
  if (typeof value !== 'function') throw wrongType(field, { what: 'a function', hint }, value);
  return true;
}

function readText(value: unknown, field: string): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw wrongType(field, TEXT, value);
  return value;
}

function readJsonObject(value: unknown, field: string): { readonly [key: string]: unknown } | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(field, OBJECT, value);
  return asJson(value, field) as { readonly [key: string]: unknown };
}

/** A copy of a value as JSON carries it; a fault where JSON cannot. */
export function asJson(value: unknown, field: string): unknown {
  try {
    const text = JSON.stringify(value, (key, entry: unknown) => {
      if (
        typeof entry === 'function' ||
        typeof entry === 'symbol' ||
        (typeof entry === 'number' && !Number.isFinite(entry))
      ) {
        throw new TypeError(`${key === '' ? 'it' : quote(key)} is ${String(entry).slice(0, 40)}`);
      }
      return entry;
    });
    return JSON.parse(text);
  } catch (cause) {
    const state = cause instanceof RangeError ? 'it is nested too deeply' : messageOf(cause).split('\n')[0];
    const hint = 'Clients get it as JSON: use texts, numbers, true, false, null, arrays and objects.';
    throw new DefinitionFault(`${field} is not JSON: ${state}`, { field, hint });
  }
}

function readIcons(value: unknown): readonly unknown[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType('icons', ICONS, value);
  return value.map((icon: unknown) => {
    const json = readJsonObject(icon, 'icons');
    const source = json?.src;
    if (typeof source !== 'string' || !/^(?:https?:|data:)/.test(source)) {
      throw new DefinitionFault('icons: each needs a src that begins with https: or data:', {
        field: 'icons',
        hint: ICONS.hint,
      });
    }
    return json;
  });
}

function readConnectors(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) {
    const names = value.map((name: unknown) => {
      if (typeof name !== 'string' || name === '')
        throw wrongType('connectors', { ...CONNECTOR, what: 'names of connectors' }, name);
      return name;
    });
    return [...new Set(names)].sort();
  }
  if (typeof value !== 'object' || value === null) throw wrongType('connectors', CONNECTOR, value);
  for (const [name, connector] of Object.entries(value)) {
    const open: unknown =
      typeof connector === 'object' && connector !== null ? Reflect.get(connector, 'open') : undefined;
    if (typeof open !== 'function') {
      const state = `connectors: ${quote(name)} is ${typeName(connector)}, expected a connector with an open function`;
      throw new DefinitionFault(state, {
        field: 'connectors',
        hint: 'Import it from its file, made by defineConnector.',
      });
    }
  }
  return [];
}

function readUses(value: unknown): readonly ClientFeature[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongType('uses', FEATURE_LIST, value);
  return FEATURES.filter((feature) => value.includes(feature)).concat(
    value.flatMap((feature: unknown) => {
      if (FEATURES.some((known) => known === feature)) return [];
      const state = `uses: ${quote(String(feature))} is not a feature, expected ${FEATURES.join(', ')}`;
      throw new DefinitionFault(state, { field: 'uses', hint: FEATURE_LIST.hint });
    }),
  );
}

function readCache(value: unknown, spans: readonly (typeof CACHE_SPANS)[number][]): ToolCacheDescription | undefined {
  const cache = readJsonObject(value, 'cache');
  if (cache === undefined) return undefined;
  const known = ['ttl', 'scope', ...spans];
  const unknown = Object.keys(cache).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const state = `cache: ${quote(unknown)} is not a field of it, expected ${known.join(', ')}`;
    throw new DefinitionFault(state, { field: 'cache', hint: CACHE_HINT });
  }
  const { ttl: given, scope = 'user' } = cache;
  const ttl = readDuration(given, 'cache.ttl');
  if (ttl === undefined) throw new DefinitionFault('cache has no ttl', { field: 'cache', hint: CACHE_HINT });
  if (scope !== 'user' && scope !== 'public') {
    throw new DefinitionFault(`cache.scope must be "user" or "public", got ${quote(String(scope))}`, {
      field: 'cache',
      hint: 'Write "public" where the result is the same for every caller, else leave scope out.',
    });
  }
  return {
    ttl,
    scope,
    ...present(Object.fromEntries(spans.map((span) => [span, readDuration(cache[span], `cache.${span}`)]))),
  };
}

function readDuration(value: unknown, field: string): number | undefined {
  if (value === undefined) return undefined;
  const milliseconds = parseDuration(value);
  if (milliseconds === undefined) {
    const got = typeof value === 'string' || typeof value === 'number' ? quote(String(value)) : typeName(value);
    throw new DefinitionFault(`${field} must be a time such as "30s" or 30000 (ms), got ${got}`, {
      field,
      hint: 'Write a number of milliseconds, or a text with the unit ms, s, m, h or d; at most 24 days.',
    });
  }
  return milliseconds;
}
