import { findNarrowings } from './find-narrowings.ts';
import { isBelow, propertyPaths } from './property-paths.ts';
import { jsonOf } from './same-schema.ts';
import type { SchemaAspect, SchemaFinding } from './schema-finding.ts';
import type { SchemaNode } from './schema-parts.ts';
import { schemaText } from './schema-text.ts';

/** One difference between two schemas, as those see it who knew the first. */
export interface SchemaChange {
  /** `narrowed`: fewer values are valid; `widened`: more; `unclear`: it cannot be told. */
  readonly effect: 'narrowed' | 'widened' | 'unclear' | 'added' | 'removed' | 'default' | 'described';
  /** Where, from the top of the schema: `filter.tags[]`; empty for the top. */
  readonly path: string;
  readonly aspect: SchemaAspect | 'default' | 'text';
  /** What is different, to be read after the name of the place: `is required now`. */
  readonly text: string;
}

export interface CompareSchemasOptions {
  /** Who gives the values: callers (`input`), or the server (`output`), whose readers pass over what they do not know. */
  readonly direction: 'input' | 'output';
}

/**
 * Compares two versions of a schema: JSON Schema 2020-12, `true` or `false`. Nothing where both say the same. A value that
 * was valid and is not any more never goes without a change that is `narrowed`, `removed` or `unclear`, but one of
 * properties that the old schema did not speak of. Of an output, the same holds the other way round, with `widened`.
 */
export function compareSchemas(
  before: SchemaNode,
  after: SchemaNode,
  { direction }: CompareSchemasOptions,
): readonly SchemaChange[] {
  if (jsonOf(before) === jsonOf(after)) return [];
  const changes = distinct([...propertyChanges(before, after), ...valueChanges(before, after, direction)], direction);
  if (changes.length > 0) return changes;
  return [{ effect: 'described', path: '', aspect: 'text', text: 'is described in other words' }];
}

function valueChanges(
  before: SchemaNode,
  after: SchemaNode,
  direction: CompareSchemasOptions['direction'],
): readonly SchemaChange[] {
  const extras = direction === 'input' ? 'refused' : 'ignored';
  try {
    return [
      ...findNarrowings(before, after, { extras }).map((finding) => toChange(finding, 'narrowed', direction)),
      ...findNarrowings(after, before, { extras }).map((finding) => toChange(finding, 'widened', direction)),
    ];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [toChange({ path: '', aspect: 'unclear', to: 'its depth' }, 'narrowed', direction)];
  }
}

function toChange(
  finding: SchemaFinding,
  effect: 'narrowed' | 'widened',
  direction: CompareSchemasOptions['direction'],
): SchemaChange {
  const { path, aspect } = finding;
  const text = schemaText(finding, effect, direction);
  if (aspect === 'unclear') return { effect: 'unclear', path, aspect, text };
  if (aspect === 'removed') return { effect: effect === 'narrowed' ? 'removed' : 'added', path, aspect, text };
  return { effect, path, aspect, text };
}

/** Named properties that came and went, whether or not the schema takes others. */
function propertyChanges(before: SchemaNode, after: SchemaNode): readonly SchemaChange[] {
  const [was, is] = [propertyPaths(before), propertyPaths(after)];
  const missing = (from: typeof was, to: typeof was): readonly string[] => {
    const paths = [...from.keys()].filter((path) => !to.has(path));
    return paths.filter((path) => !paths.some((above) => isBelow(path, above)));
  };
  const defaults = [...was].flatMap(([path, schemas]): readonly SchemaChange[] => {
    const [old, now] = [defaultIn(schemas), defaultIn(is.get(path) ?? [])];
    if (!is.has(path) || old === now) return [];
    const text = `default changed from ${old ?? 'none'} to ${now ?? 'none'}`;
    return [{ effect: 'default', path, aspect: 'default', text }];
  });
  return [
    ...missing(was, is).map((path) => toChange({ path, aspect: 'removed' }, 'narrowed', 'input')),
    ...missing(is, was).map((path) => toChange({ path, aspect: 'removed' }, 'widened', 'input')),
    ...defaults,
  ];
}

function defaultIn(schemas: readonly { readonly default?: unknown }[]): string | undefined {
  const found = schemas.find((schema) => schema.default !== undefined);
  return found && jsonOf(found.default);
}

/** One change for each thing at each place: the one that matters to those who knew the schema before. */
function distinct(
  changes: readonly SchemaChange[],
  direction: CompareSchemasOptions['direction'],
): readonly SchemaChange[] {
  const weight = (change: SchemaChange): number => (breaks(change, direction) ? 0 : 1);
  const kept = new Map<string, SchemaChange>();
  for (const change of [...changes].sort((a, b) => weight(a) - weight(b))) {
    const { path, aspect } = change;
    const key = JSON.stringify([path, aspect, aspect === 'unclear' ? change.text : '']);
    if (!kept.has(key)) kept.set(key, change);
  }
  const gone = new Set(changes.filter(({ effect }) => effect === 'removed').map(({ path }) => path));
  const required = new Set(changes.filter(isRequired).map(({ path }) => path));
  const added = new Set(changes.filter(({ effect }) => effect === 'added').map(({ path }) => path));
  return [...kept.values()].filter(({ path, effect, aspect }) => {
    // That it must not be given any more is said by its removal, and that it is new by what is asked of callers.
    if (gone.has(path)) return effect === 'removed';
    if (direction === 'input') return !(effect === 'added' && required.has(path));
    return !(aspect === 'required' && added.has(path));
  });
}

function isRequired({ effect, aspect }: SchemaChange): boolean {
  return effect === 'narrowed' && aspect === 'required';
}

/** Whether those who knew the schema before may fail now. */
export function breaks({ effect }: SchemaChange, direction: CompareSchemasOptions['direction']): boolean {
  if (effect === 'removed' || effect === 'unclear') return true;
  return effect === (direction === 'input' ? 'narrowed' : 'widened');
}
