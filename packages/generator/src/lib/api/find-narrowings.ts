import type { JsonSchema } from '../description.ts';
import { narrowAlternatives } from './narrow-alternatives.ts';
import { narrowArrays } from './narrow-arrays.ts';
import { narrowObjects } from './narrow-objects.ts';
import { narrowNumbers, narrowTexts } from './narrow-scalars.ts';
import { narrowedTypes, narrowedValues, takenOf, valuesOf } from './narrow-values.ts';
import { sameSchema } from './same-schema.ts';
import { type Branch, branchesOf } from './schema-branches.ts';
import { commonTypes, type JsonType } from './schema-fields.ts';
import { type SchemaFinding, unclear } from './schema-finding.ts';
import { partsOf, type SchemaNode } from './schema-parts.ts';

/** Two schemas that are being compared. */
export interface Comparison {
  readonly roots: readonly [from: SchemaNode, to: SchemaNode];
  /** Whether properties that the second schema does not name, and refuses, count. */
  readonly extras: 'refused' | 'ignored';
  /** What the values of `from` may be that `to` refuses, in a place within both. */
  readonly compare: (from: readonly SchemaNode[], to: SchemaNode, path: string) => readonly SchemaFinding[];
  /** The same for one way through the alternatives of `from`. */
  readonly compareBranch: (branch: Branch, to: SchemaNode, path: string) => readonly SchemaFinding[];
}

/** Comparisons of two schemas within each other, before it is said that they are too large. */
const MOST_STEPS = 20_000;

/**
 * Why a value that is valid under `from` may not be under `to`: nothing where every one is. Errs towards a reason, never
 * towards none. What `from` does not name is nobody's: a property that only `to` names is no reason, unless `from` says what
 * properties hold that it does not name.
 */
export function findNarrowings(
  from: SchemaNode,
  to: SchemaNode,
  { extras }: Pick<Comparison, 'extras'>,
): readonly SchemaFinding[] {
  const pairs = createPairs();
  const roots = [from, to] as const;
  const compareBranch = (branch: Branch, node: SchemaNode, path: string): readonly SchemaFinding[] => {
    if (!pairs.enter(branch, node)) return pairs.exhausted ? [unclear(path, 'its size')] : [];
    const found = findInBranch(branch, node, path, comparison);
    pairs.leave(branch, node);
    return found;
  };
  const comparison: Comparison = {
    roots,
    extras,
    compareBranch,
    compare(nodes, node, path) {
      if (node === true) return [];
      const [only] = nodes;
      if (nodes.length === 1 && only !== undefined && sameSchema(only, node, roots)) return [];
      const { schemas, never } = partsOf(nodes, from);
      if (never) return [];
      const branches = branchesOf(schemas, from);
      if (branches === undefined) return [unclear(path, 'its many alternatives')];
      return distinct(branches.flatMap((branch) => compareBranch(branch, node, path)));
    },
  };
  return comparison.compare([from], to, '');
}

function findInBranch(
  branch: Branch,
  node: SchemaNode,
  path: string,
  comparison: Comparison,
): readonly SchemaFinding[] {
  const types = commonTypes(branch);
  if (types.length === 0) return [];
  const { schemas, never, unresolved } = partsOf([node], comparison.roots[1]);
  if (never) return [{ path, aspect: 'forbidden' }];
  return [
    ...unresolved.map((reference) => unclear(path, reference)),
    ...schemas.flatMap((part) => comparePart({ branch, types, part, path }, comparison)),
  ];
}

/** One way to be valid under `from`, and one schema that it must satisfy. */
export interface PartTask {
  readonly branch: Branch;
  /** That values of the branch may have. */
  readonly types: readonly JsonType[];
  readonly part: JsonSchema;
  readonly path: string;
}

function comparePart(task: PartTask, comparison: Comparison): readonly SchemaFinding[] {
  const { branch, part, path } = task;
  if (branch.some((schema) => sameSchema(schema, part, comparison.roots))) return [];
  const values = valuesOf(branch, comparison.roots[0]);
  if (values !== undefined) return narrowedValues(values, { part, path }, comparison);
  const { refused, kept, values: few } = narrowedTypes(task);
  return [
    ...refused,
    ...narrowedValues(takenOf(few, branch, comparison.roots[0]), task, comparison),
    ...kept.flatMap((unit) => compareUnit(unit, task, comparison)),
  ];
}

/** A type whose values are too many to try. */
export type Unit = 'integer' | 'number' | 'string' | 'array' | 'object';

/** Kept, so that a pair of schemas is known again. */
const UNITS: ReadonlyMap<Unit, JsonSchema> = new Map(
  (['integer', 'number', 'string', 'array', 'object'] as const).map((type) => [type, { type }]),
);

function compareUnit(unit: Unit, task: PartTask, comparison: Comparison): readonly SchemaFinding[] {
  const { part, path } = task;
  const listed = part.const === undefined ? part.enum : [part.const];
  if (Array.isArray(listed)) return [{ path, aspect: 'values', to: listed.map(shown).join(', ') }];
  const own = UNITS.get(unit);
  const branch = own === undefined || task.types.length === 1 ? task.branch : [...task.branch, own];
  const narrowed = { branch, part, path };
  return [...compareLimits(unit, narrowed, comparison), ...narrowAlternatives(narrowed, comparison)];
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}

function compareLimits(unit: Unit, task: Omit<PartTask, 'types'>, comparison: Comparison): readonly SchemaFinding[] {
  switch (unit) {
    case 'integer':
    case 'number':
      return narrowNumbers(unit, task);
    case 'string':
      return narrowTexts(task);
    case 'array':
      return narrowArrays(task, comparison);
    case 'object':
      return narrowObjects(task, comparison);
    default:
      return unit satisfies never;
  }
}

function distinct(findings: readonly SchemaFinding[]): readonly SchemaFinding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** Pairs of schemas whose comparison has begun: one that comes up within itself holds where all else does. */
function createPairs() {
  const numbers = new WeakMap<object, number>();
  const open = new Set<string>();
  let next = 0;
  let steps = 0;
  const numberOf = (schema: SchemaNode): string => {
    if (typeof schema === 'boolean') return String(schema);
    const number = numbers.get(schema) ?? next++;
    numbers.set(schema, number);
    return String(number);
  };
  const keyOf = (branch: Branch, node: SchemaNode): string => `${branch.map(numberOf).sort().join()}>${numberOf(node)}`;
  return {
    get exhausted() {
      return steps > MOST_STEPS;
    },
    enter(branch: Branch, node: SchemaNode): boolean {
      const key = keyOf(branch, node);
      if (++steps > MOST_STEPS || open.has(key)) return false;
      open.add(key);
      return true;
    },
    leave: (branch: Branch, node: SchemaNode) => void open.delete(keyOf(branch, node)),
  };
}
