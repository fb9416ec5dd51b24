import { createRequire } from 'node:module';
import type { JsonSchema } from './description.ts';
import { visitSchema } from './rewrite-schema.ts';

/** Formats that are decided by code: a part of runtime/validator.js, and the longest text worth a look. */
const FUNCTIONS: ReadonlyMap<string, readonly [part: string, limit: number]> = new Map([
  ['date', ['isDate', 10]],
  ['time', ['isTime', 40]],
  ['date-time', ['isDateTime', 60]],
  ['uri', ['isUri', 10_000]],
  ['regex', ['isRegex', 10_000]],
  ['byte', ['isBase64', 10_000_000]],
]);
/** Formats that are decided by a pattern of ajv-formats. */
const PATTERNS: ReadonlyMap<string, number> = new Map([
  ['duration', 100],
  ['uri-reference', 10_000],
  ['uri-template', 10_000],
  ['email', 320],
  ['hostname', 254],
  ['ipv4', 15],
  ['ipv6', 45],
  ['uuid', 45],
  ['json-pointer', 10_000],
  ['relative-json-pointer', 10_000],
]);

export interface FormatsText {
  /** `const formats = { ... };`, or nothing. */
  readonly text: string;
  readonly parts: readonly string[];
}

/** The names of the formats that validators check. Others are for the reader alone, as JSON Schema says. */
export function knownFormats(): readonly string[] {
  return [...FUNCTIONS.keys(), ...PATTERNS.keys()];
}

/** The table of formats for the code that ajv makes of a schema. */
export function schemaFormats(schema: JsonSchema): FormatsText {
  const used = [...usedFormats(schema)].sort();
  const functions = used.flatMap((name) => FUNCTIONS.get(name)?.[0] ?? []);
  const lines = used.map((name) => `  ${JSON.stringify(name)}: (text) => ${testOf(name)},\n`);
  return { text: lines.length === 0 ? '' : `const formats = {\n${lines.join('')}};\n`, parts: functions };
}

function testOf(name: string): string {
  const [part, limit] = FUNCTIONS.get(name) ?? [patternOf(name), PATTERNS.get(name)];
  return `text.length <= ${limit} && ${part}${FUNCTIONS.has(name) ? '' : '.test'}(text)`;
}

/** Loaded when a schema asks for one of them. */
function patternOf(name: string): string {
  const { fullFormats }: { readonly fullFormats: Readonly<Record<string, unknown>> } = createRequire(import.meta.url)(
    'ajv-formats/dist/formats.js',
  );
  const pattern = fullFormats[name];
  if (!(pattern instanceof RegExp)) throw new TypeError(`ajv-formats has no pattern for "${name}"`);
  return String(pattern);
}

function usedFormats(schema: JsonSchema): ReadonlySet<string> {
  const found = new Set<string>();
  visitSchema(schema, (keyword, value) => {
    if (keyword === 'format' && typeof value === 'string' && knownFormats().includes(value)) found.add(value);
  });
  return found;
}
