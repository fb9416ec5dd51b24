import type { Comparison, PartTask } from './find-narrowings.ts';
import { type KnownCount, narrowCount } from './narrow-scalars.ts';
import { sameKeywords } from './same-schema.ts';
import type { Branch } from './schema-branches.ts';
import { isOpen, propertySchemas, restOf } from './schema-fields.ts';
import { propertyPath, type SchemaFinding } from './schema-finding.ts';
import { nodeEntries, partsOf, type SchemaNode, textsIn, toNode } from './schema-parts.ts';

type ObjectTask = Pick<PartTask, 'branch' | 'part' | 'path'>;

/** What of a schema may refuse an object of the branch. */
export function narrowObjects(task: ObjectTask, comparison: Comparison): readonly SchemaFinding[] {
  return [
    ...narrowRequired(task),
    ...narrowContents(task, comparison),
    ...narrowNames(task, comparison),
    ...narrowDependent(task),
    ...narrowCount(task, { least: 'minProperties', most: 'maxProperties' }, knownCount(task.branch)),
  ];
}

/** Whatever else a schema of the branch says, what it says of properties by these holds for them all. */
const CONTENTS = ['properties', 'patternProperties', 'additionalProperties'] as const;

function narrowContents(task: ObjectTask, comparison: Comparison): readonly SchemaFinding[] {
  const { branch, part } = task;
  if (branch.some((schema) => sameKeywords(CONTENTS, [schema, part], comparison.roots))) return [];
  return [...narrowProperties(task, comparison), ...narrowPatterns(task, comparison), ...narrowRest(task, comparison)];
}

function requiredBy(branch: Branch): ReadonlySet<string> {
  return new Set(branch.flatMap((schema) => textsIn(schema.required)));
}

function namesOf(branch: Branch): ReadonlySet<string> {
  return new Set(branch.flatMap((schema) => nodeEntries(schema.properties).map(([name]) => name)));
}

function narrowRequired({ branch, part, path }: ObjectTask): readonly SchemaFinding[] {
  const before = requiredBy(branch);
  return textsIn(part.required)
    .filter((name) => !before.has(name))
    .map((name) => ({ path: propertyPath(path, name), aspect: 'required' }) as const);
}

/** What the branch asks of a property; `undefined` where it may not be there. */
function nodesOf(branch: Branch, name: string, root: SchemaNode): readonly SchemaNode[] | undefined {
  const nodes = branch.flatMap((schema) => propertySchemas(schema, name).nodes);
  return partsOf(nodes, root).never ? undefined : nodes;
}

function narrowProperties({ branch, part, path }: ObjectTask, comparison: Comparison): readonly SchemaFinding[] {
  const open = branch.every(isOpen);
  const named = new Set([...namesOf(branch), ...namesOf([part])]);
  return [...named].flatMap((name) => {
    const at = propertyPath(path, name);
    const nodes = nodesOf(branch, name, comparison.roots[0]);
    if (nodes === undefined) return [];
    if (open && branch.every((schema) => !propertySchemas(schema, name).named)) return [];
    const target = propertySchemas(part, name);
    if (!target.named && target.nodes[0] === false)
      return comparison.extras === 'refused' ? [{ path: at, aspect: 'removed' } as const] : [];
    return target.nodes.flatMap((node) => comparison.compare(nodes, node, at));
  });
}

/** What the branch asks of properties that no schema names: of those that match a pattern of it, and of the rest. */
function unnamed(branch: Branch): readonly { readonly pattern?: string; readonly nodes: readonly SchemaNode[] }[] {
  const patterns = branch.flatMap((schema) => nodeEntries(schema.patternProperties));
  return [...patterns.map(([pattern, node]) => ({ pattern, nodes: [node] })), { nodes: branch.map(restOf) }];
}

/** Names that match a pattern of the schema may match any pattern of the branch, or none. */
function narrowPatterns({ branch, part, path }: ObjectTask, { compare }: Comparison): readonly SchemaFinding[] {
  return nodeEntries(part.patternProperties).flatMap(([pattern, node]) => {
    const sources = unnamed(branch);
    const own = sources.filter((source) => source.pattern === pattern);
    return (own.length > 0 ? own : sources).flatMap(({ nodes }) => compare(nodes, node, `${path}[/${pattern}/]`));
  });
}

function narrowRest(
  { branch, part, path }: ObjectTask,
  { compare, extras, roots }: Comparison,
): readonly SchemaFinding[] {
  const rest = restOf(part);
  if (rest === true || (rest === false && extras === 'ignored')) return [];
  const covered = new Set(nodeEntries(part.patternProperties).map(([pattern]) => pattern));
  const sources = unnamed(branch).filter(({ pattern }) => pattern === undefined || !covered.has(pattern));
  if (rest !== false) return sources.flatMap(({ nodes }) => compare(nodes, rest, `${path}[*]`));
  const closed = sources.every(({ nodes }) => partsOf(nodes, roots[0]).never);
  return closed ? [] : [{ path, aspect: 'closed' }];
}

const TEXT = { type: 'string' } as const;

function narrowNames({ branch, part, path }: ObjectTask, { compare }: Comparison): readonly SchemaFinding[] {
  const names = toNode(part.propertyNames);
  if (names === undefined) return [];
  return compare([TEXT, ...branch.map((schema) => toNode(schema.propertyNames) ?? true)], names, `${path}[*]`);
}

function narrowDependent({ branch, part, path }: ObjectTask): readonly SchemaFinding[] {
  const required = requiredBy(branch);
  return Object.entries(toNode(part.dependentRequired) ?? {}).flatMap(([name, others]) =>
    textsIn(others)
      .filter(
        (other) => !required.has(other) && !branch.some((schema) => depends(schema.dependentRequired, name, other)),
      )
      .map((other) => ({ path: propertyPath(path, other), aspect: 'dependentRequired', to: name }) as const),
  );
}

function depends(dependent: unknown, name: string, other: string): boolean {
  const node = toNode(dependent);
  return typeof node === 'object' && Object.hasOwn(node, name) && textsIn(node[name]).includes(other);
}

function knownCount(branch: Branch): KnownCount {
  const closed = branch.filter((schema) => restOf(schema) === false && schema.patternProperties === undefined);
  return {
    least: requiredBy(branch).size,
    most: Math.min(Infinity, ...closed.map((schema) => nodeEntries(schema.properties).length)),
  };
}
