import { acceptsValue } from './accepts-value.ts';
import type { Comparison, PartTask, Unit } from './find-narrowings.ts';
import type { Branch } from './schema-branches.ts';
import { type JsonType, typesOf } from './schema-fields.ts';
import { type SchemaFinding, unclear } from './schema-finding.ts';
import type { SchemaNode } from './schema-parts.ts';

/** The values of a branch that lists them; `undefined` where it does not. */
export function valuesOf(branch: Branch, root: SchemaNode): readonly unknown[] | undefined {
  for (const schema of branch) {
    const listed = schema.const === undefined ? schema.enum : [schema.const];
    if (Array.isArray(listed)) return takenOf(listed, branch, root);
  }
  return undefined;
}

/** Those of the values that a branch takes, or may take. */
export function takenOf(values: readonly unknown[], branch: Branch, root: SchemaNode): readonly unknown[] {
  return values.filter((value) => branch.every((part) => acceptsValue(value, part, root) !== 'no'));
}

/** Tries each of these values. */
export function narrowedValues(
  values: readonly unknown[],
  { part, path }: Pick<PartTask, 'part' | 'path'>,
  { roots }: Pick<Comparison, 'roots'>,
): readonly SchemaFinding[] {
  const verdicts = values.map((value) => ({ value, verdict: acceptsValue(value, part, roots[1]) }));
  const refused = verdicts.filter(({ verdict }) => verdict === 'no').map(({ value }) => JSON.stringify(value));
  if (refused.length > 0) return [{ path, aspect: 'values', from: refused.join(', ') }];
  return verdicts.some(({ verdict }) => verdict === 'unknown') ? [unclear(path, 'what its values must be')] : [];
}

/** The types of a branch that a schema does not take at all, and those that are to be looked at. */
export function narrowedTypes({ types, part, path }: Omit<PartTask, 'branch'>): {
  readonly refused: readonly SchemaFinding[];
  readonly kept: readonly Unit[];
  /** Of types that have few. */
  readonly values: readonly unknown[];
} {
  const taken = typesOf(part);
  const lost = types.filter((type) => !taken.has(type));
  const kept = types.filter((type) => taken.has(type));
  const numeric: Unit = kept.includes('fraction') ? 'number' : 'integer';
  const units = kept.flatMap((type): Unit[] => {
    if (type === 'integer') return [numeric];
    return type === 'string' || type === 'array' || type === 'object' ? [type] : [];
  });
  const values = [...(kept.includes('null') ? [null] : []), ...(kept.includes('boolean') ? [false, true] : [])];
  const refused: readonly SchemaFinding[] =
    lost.length === 0 ? [] : [{ path, aspect: 'type', from: typeNames(lost, taken), to: typeNames([...taken], taken) }];
  return { refused, kept: units, values };
}

/** `string or null`; numbers that are no integers are `number`, like all numbers where both kinds are meant. */
function typeNames(types: readonly JsonType[], taken: ReadonlySet<JsonType>): string {
  const names = types.flatMap((type) => {
    if (type === 'integer') return types.includes('fraction') ? [] : [type];
    if (type !== 'fraction') return [type];
    return [types.includes('integer') || !taken.has('integer') ? 'number' : 'number with a fraction'];
  });
  return names.join(' or ');
}
