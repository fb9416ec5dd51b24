import type { JsonSchema } from '../description.ts';
import { acceptsValue } from './accepts-value.ts';
import type { Comparison, PartTask } from './find-narrowings.ts';
import { valuesOf } from './narrow-values.ts';
import { sameKeywords } from './same-schema.ts';
import { type Branch, branchesOf } from './schema-branches.ts';
import { commonTypes, propertySchemas } from './schema-fields.ts';
import { type SchemaFinding, unclear } from './schema-finding.ts';
import { nodesIn, partsOf, type SchemaNode, textsIn } from './schema-parts.ts';

type AlternativeTask = Pick<PartTask, 'branch' | 'part' | 'path'>;

/** What a schema says by other schemas may refuse a value of the branch. */
export function narrowAlternatives(task: AlternativeTask, comparison: Comparison): readonly SchemaFinding[] {
  return [
    ...narrowAny(task, comparison),
    ...narrowOne(task, comparison),
    ...narrowCondition(task, comparison),
    ...narrowOpaque(task, comparison),
  ];
}

function isKept(keyword: string, { branch, part }: AlternativeTask, { roots }: Comparison): boolean {
  return branch.some((schema) => sameKeywords([keyword], [schema, part], roots));
}

function narrowAny(task: AlternativeTask, comparison: Comparison): readonly SchemaFinding[] {
  const { branch, part, path } = task;
  if (!Array.isArray(part.anyOf) || isKept('anyOf', task, comparison)) return [];
  return nearest(nodesIn(part.anyOf), { branch, path }, comparison).findings;
}

/** The alternative that takes most of what the branch holds. */
function nearest(
  alternatives: readonly SchemaNode[],
  { branch, path }: Omit<AlternativeTask, 'part'>,
  comparison: Comparison,
): { readonly findings: readonly SchemaFinding[]; readonly chosen: SchemaNode | undefined } {
  let best: readonly SchemaFinding[] | undefined;
  for (const alternative of alternatives) {
    const findings = comparison.compareBranch(branch, alternative, path);
    if (findings.length === 0) return { findings, chosen: alternative };
    if (best === undefined || distance(findings, path) < distance(best, path)) best = findings;
  }
  return { findings: best ?? [{ path, aspect: 'forbidden' }], chosen: undefined };
}

/** An alternative of another type is far off, and one with another tag as well. */
function distance(findings: readonly SchemaFinding[], path: string): number {
  const other = findings.some((finding) => finding.path === path && ['type', 'forbidden'].includes(finding.aspect));
  const tagged = findings.some(({ aspect }) => aspect === 'values');
  return findings.length + (other ? 1000 : 0) + (tagged ? 100 : 0);
}

function narrowOne(task: AlternativeTask, comparison: Comparison): readonly SchemaFinding[] {
  const { branch, part, path } = task;
  if (!Array.isArray(part.oneOf) || isKept('oneOf', task, comparison)) return [];
  const alternatives = nodesIn(part.oneOf);
  const { findings, chosen } = nearest(alternatives, { branch, path }, comparison);
  if (chosen === undefined) return findings;
  // Two that are the same, such as `true`, refuse each other's values.
  const others = alternatives.toSpliced(alternatives.indexOf(chosen), 1);
  return others.every((other) => areDisjoint(branch, other, comparison)) ? [] : [unclear(path, 'oneOf')];
}

/** Whether surely no value of the branch is valid under another schema: by type, or by a property that tells them apart. */
function areDisjoint(branch: Branch, other: SchemaNode, { roots }: Comparison): boolean {
  const { schemas, never } = partsOf([other], roots[1]);
  if (never) return true;
  const ways = branchesOf(schemas, roots[1]);
  return (
    ways?.every((way) => commonTypes([...branch, ...way]).length === 0 || hasOtherTag(branch, way, roots)) ?? false
  );
}

function hasOtherTag(branch: Branch, way: Branch, roots: Comparison['roots']): boolean {
  if (commonTypes(branch).some((type) => type !== 'object')) return false;
  const required = (schemas: readonly JsonSchema[]) => schemas.flatMap((schema) => textsIn(schema.required));
  const tagged = required(branch).some((name) => {
    const values = valuesOf(partsOf(nodesOf(branch, name), roots[0]).schemas, roots[0]);
    return values?.every((value) => nodesOf(way, name).some((node) => acceptsValue(value, node, roots[1]) === 'no'));
  });
  const lacking = required(way).some((name) => nodesOf(branch, name).includes(false));
  return tagged || lacking;
}

function nodesOf(schemas: readonly JsonSchema[], name: string): readonly SchemaNode[] {
  return schemas.flatMap((schema) => propertySchemas(schema, name).nodes);
}

function narrowCondition({ branch, part, path }: AlternativeTask, { roots }: Comparison): readonly SchemaFinding[] {
  if (part.if === undefined) return [];
  const same = branch.some((schema) => sameKeywords(['if', 'then', 'else'], [schema, part], roots));
  return same ? [] : [unclear(path, 'if')];
}

/** Keywords that are the same or cannot be compared. */
const ALONE = ['not', 'dependentSchemas', 'dependencies'];
/** Those that depend on what stands beside them: the same only where the whole schema is. */
const DEPENDENT = ['unevaluatedProperties', 'unevaluatedItems'];

function narrowOpaque(task: AlternativeTask, comparison: Comparison): readonly SchemaFinding[] {
  const { part, path } = task;
  const alone = ALONE.filter((keyword) => part[keyword] !== undefined && !isKept(keyword, task, comparison));
  const dependent = DEPENDENT.filter((keyword) => part[keyword] !== undefined && part[keyword] !== true);
  return [...alone, ...dependent].map((keyword) => unclear(path, keyword));
}
