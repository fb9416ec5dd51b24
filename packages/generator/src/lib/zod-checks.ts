import { FLAGS_KEYWORD } from './validation-keywords.ts';
import { type ZodCheck, type ZodNode, zodCheckPasses } from './zod-node.ts';

/** What the checks of one zod schema come to in JSON Schema. */
export interface CheckKeywords {
  readonly keywords: readonly Readonly<Record<string, unknown>>[];
  /** False where a check says more than JSON Schema can: it, and all that follow, are left out. */
  readonly exact: boolean;
}

/** Formats that zod decides by their pattern alone. */
const PATTERN_FORMATS: ReadonlySet<unknown> = new Set(
  (
    'regex lowercase uppercase email uuid guid nanoid cuid cuid2 ulid xid ksuid emoji ipv4 cidrv4 e164 ' +
    'date time datetime duration hex hostname mac'
  ).split(' '),
);
const INTEGERS: ReadonlyMap<unknown, readonly [number, number]> = new Map([
  ['safeint', [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
  ['int32', [-2_147_483_648, 2_147_483_647]],
  ['uint32', [0, 4_294_967_295]],
]);

/**
 * Translates checks one by one. A check that is not known may change the value (as `trim` does), so what follows it
 * cannot be told from the input and is left to zod.
 */
export function checkKeywords(checks: readonly ZodCheck[], of: 'string' | 'number' | 'array'): CheckKeywords {
  const keywords: Readonly<Record<string, unknown>>[] = [];
  for (const check of checks) {
    const found =
      of === 'number'
        ? numberKeywords(check)
        : (lengthKeywords(check, of) ?? (of === 'string' ? formatKeywords(check) : undefined));
    if (found === undefined) return { keywords, exact: false };
    keywords.push(found);
  }
  return { keywords, exact: true };
}

/** One schema that says all of them: side by side where no keyword occurs twice, otherwise by `allOf`. */
export function mergeKeywords(
  base: Readonly<Record<string, unknown>>,
  keywords: readonly Readonly<Record<string, unknown>>[],
): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = { ...base };
  const rest: unknown[] = [];
  for (const entry of keywords) {
    const narrowed = Object.entries(entry).map(([key, value]) => [key, narrower(key, merged[key], value)] as const);
    if (narrowed.some(([, value]) => value === undefined)) rest.push(entry);
    else Object.assign(merged, Object.fromEntries(narrowed));
  }
  return rest.length === 0 ? merged : { ...merged, allOf: rest };
}

/** The one value that says as much as both, where there is one. */
function narrower(keyword: string, before: unknown, value: unknown): unknown {
  if (before === undefined || before === value || keyword === 'type') return value;
  if (typeof before !== 'number' || typeof value !== 'number') return undefined;
  if (/^(?:min|exclusiveMin)/.test(keyword)) return Math.max(before, value);
  return /^(?:max|exclusiveMax)/.test(keyword) ? Math.min(before, value) : undefined;
}

function lengthKeywords(check: ZodCheck, of: 'string' | 'array'): Record<string, unknown> | undefined {
  const { minimum = check.length, maximum = check.length } = check;
  const least = of === 'string' ? { minLength: minimum } : { minItems: minimum };
  const most = of === 'string' ? { maxLength: maximum } : { maxItems: maximum };
  if (check.check === 'min_length') return isCount(minimum) ? least : undefined;
  if (check.check === 'max_length') return isCount(maximum) ? most : undefined;
  return check.check === 'length_equals' && isCount(check.length) ? { ...least, ...most } : undefined;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function formatKeywords(check: ZodCheck): Record<string, unknown> | undefined {
  if (check.check !== 'string_format') return undefined;
  const { format, pattern } = check;
  if (format === 'starts_with') return literalPattern(check.prefix, (text) => `^${text}`);
  if (format === 'ends_with') return literalPattern(check.suffix, (text) => `${text}$`);
  if (format === 'includes')
    return check.position === undefined ? literalPattern(check.includes, (text) => text) : undefined;
  if (!PATTERN_FORMATS.has(format) || !(pattern instanceof RegExp)) return undefined;
  return patternKeywords(pattern);
}

/** A regular expression with its flags; undefined where it has a place of its own in the text (`y`). */
export function patternKeywords(pattern: RegExp): Record<string, unknown> | undefined {
  if (pattern.sticky) return undefined;
  return { pattern: pattern.source, [FLAGS_KEYWORD]: pattern.flags.replace(/[gd]/g, '') };
}

function literalPattern(text: unknown, place: (escaped: string) => string): Record<string, unknown> | undefined {
  if (typeof text !== 'string') return undefined;
  return { pattern: place(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll('\n', '\\n')), [FLAGS_KEYWORD]: '' };
}

function numberKeywords(check: ZodCheck): Record<string, unknown> | undefined {
  const { value } = check;
  if (check.check === 'number_format') {
    const range = INTEGERS.get(check.format);
    return range === undefined ? undefined : { type: 'integer', minimum: range[0], maximum: range[1] };
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  if (check.check === 'greater_than') return { [check.inclusive === true ? 'minimum' : 'exclusiveMinimum']: value };
  if (check.check === 'less_than') return { [check.inclusive === true ? 'maximum' : 'exclusiveMaximum']: value };
  // A fraction has no exact remainder in binary: zod rounds in its own way.
  return check.check === 'multiple_of' && Number.isInteger(value) && value > 0 ? { multipleOf: value } : undefined;
}

/**
 * How this zod counts the length of a text: newer versions count code points, older ones UTF-16 units. Undefined where
 * its checks give no chance to see it.
 */
export function lengthUnit(node: ZodNode): 'points' | 'utf16' | undefined {
  const pair = '\u{1F600}';
  const checks: readonly (readonly [check: string, bound: string, probe: (bound: number) => string, fits: boolean])[] =
    [
      ['min_length', 'minimum', (bound) => pair.repeat(bound - 1), false],
      ['max_length', 'maximum', (bound) => pair.repeat(bound), true],
      ['length_equals', 'length', (bound) => pair.repeat(bound), true],
    ];
  for (const [check, bound, probe, fits] of checks) {
    const passes = zodCheckPasses(node, check, (def) => {
      const size = def[bound];
      return typeof size === 'number' && size > 1 && size < 100_000 ? probe(size) : undefined;
    });
    if (passes !== undefined) return passes === fits ? 'points' : 'utf16';
  }
  return undefined;
}
