import type { JsonSchema } from '../description.ts';
import type { PartTask } from './find-narrowings.ts';
import type { Branch } from './schema-branches.ts';
import { numberIn } from './schema-fields.ts';
import type { LimitKeyword, SchemaFinding } from './schema-finding.ts';

type LimitTask = Pick<PartTask, 'branch' | 'part' | 'path'>;

/** Limits of numbers that may refuse one of the branch. */
export function narrowNumbers(unit: 'integer' | 'number', { branch, part, path }: LimitTask): readonly SchemaFinding[] {
  const findings: SchemaFinding[] = [];
  for (const side of [LOWER, UPPER]) {
    const [is, was] = [tightest([part], side, unit), tightest(branch, side, unit)];
    if (is !== undefined && (was === undefined || isTighter(is, was, side)))
      findings.push({ path, aspect: side.inclusive, from: was && shownBound(was, side), to: shownBound(is, side) });
  }
  const step = numberIn(part.multipleOf);
  if (step !== undefined && !isMultiple(branch, step, unit)) {
    findings.push({ path, aspect: 'multipleOf', from: firstOf(branch, 'multipleOf'), to: String(step) });
  }
  return findings;
}

interface Side {
  readonly inclusive: 'minimum' | 'maximum';
  readonly exclusive: 'exclusiveMinimum' | 'exclusiveMaximum';
  /** What makes a larger number the tighter bound. */
  readonly sign: 1 | -1;
}

const LOWER: Side = { inclusive: 'minimum', exclusive: 'exclusiveMinimum', sign: 1 };
const UPPER: Side = { inclusive: 'maximum', exclusive: 'exclusiveMaximum', sign: -1 };

interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

function tightest(schemas: readonly JsonSchema[], side: Side, unit: 'integer' | 'number'): Bound | undefined {
  const bounds = schemas.flatMap((schema) => [
    ...boundIn(schema[side.inclusive], false),
    ...boundIn(schema[side.exclusive], true),
  ]);
  const comparable = bounds.map((bound) => (unit === 'integer' ? integerBound(bound, side) : bound));
  return comparable.reduce<Bound | undefined>(
    (best, bound) => (best === undefined || isTighter(bound, best, side) ? bound : best),
    undefined,
  );
}

function boundIn(value: unknown, exclusive: boolean): readonly Bound[] {
  return typeof value === 'number' ? [{ value, exclusive }] : [];
}

/** The outermost integer within a bound. */
function integerBound({ value, exclusive }: Bound, { sign }: Side): Bound {
  const outermost = sign === 1 ? Math.ceil(value) : Math.floor(value);
  return { value: exclusive && outermost === value ? value + sign : outermost, exclusive: false };
}

function isTighter(a: Bound, b: Bound, { sign }: Side): boolean {
  return a.value === b.value ? a.exclusive && !b.exclusive : (a.value - b.value) * sign > 0;
}

function shownBound({ value, exclusive }: Bound, { sign }: Side): string {
  return exclusive ? `${sign === 1 ? 'above' : 'below'} ${value}` : String(value);
}

function isMultiple(branch: Branch, step: number, unit: 'integer' | 'number'): boolean {
  const steps = branch.flatMap((schema) => numberIn(schema.multipleOf) ?? []);
  return [...steps, ...(unit === 'integer' ? [1] : [])].some((own) => Number.isInteger(own / step));
}

/** Limits of texts that may refuse one of the branch. */
export function narrowTexts(task: LimitTask): readonly SchemaFinding[] {
  return [
    ...narrowCount(task, { least: 'minLength', most: 'maxLength' }),
    ...narrowEqual(task, 'pattern'),
    ...narrowEqual(task, 'format'),
  ];
}

/** Keywords that bound how many there are of something. */
export interface CountKeywords {
  readonly least: LimitKeyword;
  readonly most: LimitKeyword;
}

/** What is known besides these keywords, such as that some properties must be there. */
export interface KnownCount {
  readonly least?: number;
  readonly most?: number;
}

export function narrowCount(
  { branch, part, path }: LimitTask,
  { least, most }: CountKeywords,
  known: KnownCount = {},
): readonly SchemaFinding[] {
  const findings: SchemaFinding[] = [];
  const [lower, upper] = [numberIn(part[least]), numberIn(part[most])];
  const range = countRange(branch, { least, most }, known);
  if (lower !== undefined && lower > range.least)
    findings.push({ path, aspect: least, from: firstOf(branch, least), to: String(lower) });
  if (upper !== undefined && upper < range.most)
    findings.push({ path, aspect: most, from: firstOf(branch, most), to: String(upper) });
  return findings;
}

/** How many there may be in values of the branch. */
export function countRange(branch: Branch, { least, most }: CountKeywords, known: KnownCount = {}) {
  const numbers = (keyword: LimitKeyword): number[] => branch.flatMap((schema) => numberIn(schema[keyword]) ?? []);
  return {
    least: Math.max(known.least ?? 0, ...numbers(least)),
    most: Math.min(known.most ?? Infinity, ...numbers(most)),
  };
}

/** A keyword whose values are the same or have nothing to do with each other, as far as can be told. */
function narrowEqual({ branch, part, path }: LimitTask, keyword: 'pattern' | 'format'): readonly SchemaFinding[] {
  const is = part[keyword];
  if (typeof is !== 'string' || branch.some((schema) => schema[keyword] === is)) return [];
  return [{ path, aspect: keyword, from: firstOf(branch, keyword), to: is }];
}

/** What the branch had to say, for people. */
export function firstOf(branch: Branch, keyword: string): string | undefined {
  const found = branch.map((schema) => schema[keyword]).find((value) => value !== undefined);
  return found === undefined ? undefined : String(found);
}
