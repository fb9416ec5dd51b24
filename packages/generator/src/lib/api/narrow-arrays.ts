import type { Comparison, PartTask } from './find-narrowings.ts';
import { countRange, narrowCount } from './narrow-scalars.ts';
import { sameKeywords } from './same-schema.ts';
import { itemRest, itemSchema, prefixOf } from './schema-fields.ts';
import { type SchemaFinding, unclear } from './schema-finding.ts';

const ITEMS = { least: 'minItems', most: 'maxItems' } as const;
const CONTENTS = ['items', 'prefixItems', 'additionalItems'] as const;
const CONTAINS = ['contains', 'minContains', 'maxContains'] as const;

/** What of a schema may refuse an array of the branch. */
export function narrowArrays(
  task: Pick<PartTask, 'branch' | 'part' | 'path'>,
  comparison: Comparison,
): readonly SchemaFinding[] {
  return [
    ...narrowCount(task, ITEMS),
    ...narrowUnique(task),
    ...narrowItems(task, comparison),
    ...narrowContains(task, comparison),
  ];
}

type ArrayTask = Pick<PartTask, 'branch' | 'part' | 'path'>;

function narrowUnique({ branch, part, path }: ArrayTask): readonly SchemaFinding[] {
  if (part.uniqueItems !== true || branch.some((schema) => schema.uniqueItems === true)) return [];
  return countRange(branch, ITEMS).most <= 1 ? [] : [{ path, aspect: 'uniqueItems', to: 'true' }];
}

function narrowItems({ branch, part, path }: ArrayTask, { compare, roots }: Comparison): readonly SchemaFinding[] {
  if (branch.some((schema) => sameKeywords(CONTENTS, [schema, part], roots))) return [];
  const { most } = countRange(branch, ITEMS);
  const places = Math.max(...[...branch, part].map((schema) => prefixOf(schema).length));
  const findings: SchemaFinding[] = [];
  for (let index = 0; index < Math.min(places, most); index++) {
    const items = branch.map((schema) => itemSchema(schema, index));
    findings.push(...compare(items, itemSchema(part, index), `${path}[${index}]`));
  }
  if (most > places) findings.push(...compare(branch.map(itemRest), itemRest(part), `${path}[]`));
  return findings;
}

function narrowContains({ branch, part, path }: ArrayTask, { roots }: Comparison): readonly SchemaFinding[] {
  if (part.contains === undefined) return [];
  const same = branch.some((schema) => sameKeywords(CONTAINS, [schema, part], roots));
  return same ? [] : [unclear(path, 'contains')];
}
