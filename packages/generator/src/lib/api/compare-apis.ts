import { breaks, compareSchemas, type SchemaChange } from './compare-schemas.ts';
import { jsonOf } from './same-schema.ts';
import { toNode } from './schema-parts.ts';
import type { ApiEntry, ApiKind, ServerApi } from './server-api.ts';

/** One difference between two versions of an API. */
export interface ApiChange {
  /** `unclear`: it may break callers, nobody can tell. `text`: nothing but what people and models read. */
  readonly level: 'breaking' | 'unclear' | 'compatible' | 'text';
  readonly kind: ApiKind;
  /** Of the tool or prompt, or URI of the resource. */
  readonly name: string;
  /** What of it: `argument "filter.tags[]"`, `output "total"`; absent for the whole. */
  readonly part?: string;
  /** What is different: `was removed`. */
  readonly change: string;
  /** What it means for callers; absent where it means nothing. */
  readonly consequence?: string;
}

const KINDS = [
  ['tool', 'tools', compareTools],
  ['prompt', 'prompts', comparePrompts],
  ['resource', 'resources', compareResources],
  ['resource template', 'resourceTemplates', compareResources],
] as const;

const ORDER: readonly ApiChange['level'][] = ['breaking', 'unclear', 'compatible', 'text'];

/** What a client of `before` meets in `after`, the worst first. Pure. */
export function compareApis(before: ServerApi, after: ServerApi): readonly ApiChange[] {
  const changes = KINDS.flatMap(([kind, list, compare]) => compareEntries(kind, [before[list], after[list]], compare));
  return changes.sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
}

/** A change of an entry that both versions have. */
type EntryChange = Omit<ApiChange, 'kind' | 'name'>;

type Versions = readonly [before: ApiEntry, after: ApiEntry];

const GONE: Readonly<Record<ApiKind, string>> = {
  tool: 'calls of it fail',
  prompt: 'requests for it fail',
  resource: 'reads of it fail',
  'resource template': 'reads of what it stood for fail',
};

function compareEntries(
  kind: ApiKind,
  [before, after]: readonly [ServerApi['tools'], ServerApi['tools']],
  compare: (versions: Versions) => readonly EntryChange[],
): readonly ApiChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort((a, b) => (a < b ? -1 : 1));
  return names.flatMap((name): readonly ApiChange[] => {
    const [was, is] = [entryOf(before, name), entryOf(after, name)];
    if (is === undefined) return [{ level: 'breaking', kind, name, change: 'was removed', consequence: GONE[kind] }];
    if (was === undefined) return [{ level: 'compatible', kind, name, change: 'was added' }];
    return [...compare([was, is]), ...textChange([was, is])].map((change) => ({ kind, name, ...change }));
  });
}

function entryOf(entries: ServerApi['tools'], name: string): ApiEntry | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

function textChange([was, is]: Versions): readonly EntryChange[] {
  const changed = ['title', 'description', 'name'].filter((field) => was[field] !== is[field]);
  return changed.length === 0 ? [] : [{ level: 'text', change: `has another ${changed.join(' and ')}` }];
}

function compareTools([was, is]: Versions): readonly EntryChange[] {
  return [...compareInputs([was, is]), ...compareOutputs([was, is]), ...compareAnnotations([was, is])];
}

function compareInputs([was, is]: Versions): readonly EntryChange[] {
  const [before, after] = [was, is].map(({ inputSchema }) => toNode(inputSchema) ?? {});
  return compareSchemas(before ?? {}, after ?? {}, { direction: 'input' }).map((change) =>
    entryChange(
      change,
      'input',
      closed(after) ? 'calls that give it are refused' : 'what calls give there is passed over',
    ),
  );
}

function closed(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && Reflect.get(schema, 'additionalProperties') === false;
}

function compareOutputs([was, is]: Versions): readonly EntryChange[] {
  const [before, after] = [toNode(was.outputSchema), toNode(is.outputSchema)];
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return [{ level: 'compatible', part: 'output', change: 'has a schema now' }];
  if (after === undefined)
    return [
      {
        level: 'breaking',
        part: 'output',
        change: 'has no schema any more',
        consequence: 'results have no structure to read',
      },
    ];
  const gone = 'clients that read it find nothing';
  return compareSchemas(before, after, { direction: 'output' }).map((change) => entryChange(change, 'output', gone));
}

/** @param gone what it means that a property was removed. */
function entryChange(change: SchemaChange, direction: 'input' | 'output', gone: string): EntryChange {
  const { path, effect, text } = change;
  const noun = direction === 'input' ? 'argument' : 'output';
  const part = path === '' ? direction : `${noun} "${path}"`;
  if (effect === 'described') return { level: 'text', part, change: text };
  if (effect === 'unclear')
    return {
      level: 'unclear',
      part,
      change: text,
      consequence: `${CALLERS[direction]} may fail, which only you can tell`,
    };
  if (!breaks(change, direction)) return { level: 'compatible', part, change: text };
  return {
    level: 'breaking',
    part,
    change: text,
    consequence: effect === 'removed' ? gone : consequence(change, direction),
  };
}

const CALLERS = { input: 'calls', output: 'clients' } as const;

function consequence({ aspect }: SchemaChange, direction: 'input' | 'output'): string {
  if (direction === 'output')
    return aspect === 'required' ? 'clients that read it may find nothing' : 'clients may meet what they do not expect';
  if (aspect === 'required' || aspect === 'dependentRequired') return 'calls without it are refused';
  return aspect === 'closed' ? 'calls that give others are refused' : 'calls that give what it took are refused';
}

/** Clients ask people before they call a tool that may change or destroy something. */
function compareAnnotations([was, is]: Versions): readonly EntryChange[] {
  if (jsonOf(was.annotations ?? {}) === jsonOf(is.annotations ?? {})) return [];
  return [{ level: 'compatible', part: 'annotations', change: `changed from ${shown(was)} to ${shown(is)}` }];
}

function shown({ annotations }: ApiEntry): string {
  return annotations === undefined ? 'none' : jsonOf(annotations);
}

interface PromptArgument {
  readonly name: string;
  readonly required: boolean;
}

function comparePrompts([was, is]: Versions): readonly EntryChange[] {
  const [before, after] = [argumentsOf(was), argumentsOf(is)];
  const gone = [...before.keys()].filter((name) => !after.has(name));
  const texts = jsonOf(was.arguments ?? []) === jsonOf(is.arguments ?? []);
  const changes = [
    ...gone.map((name) => removedArgument(name)),
    ...[...after.values()].flatMap((argument) => compareArgument(before.get(argument.name), argument)),
  ];
  if (changes.length > 0 || texts) return changes;
  return [{ level: 'text', part: 'arguments', change: 'are described in other words' }];
}

function removedArgument(name: string): EntryChange {
  const consequence = 'what requests give there is passed over';
  return { level: 'breaking', part: `argument "${name}"`, change: 'was removed', consequence };
}

function compareArgument(was: PromptArgument | undefined, is: PromptArgument): readonly EntryChange[] {
  const part = `argument "${is.name}"`;
  if (is.required && was?.required !== true)
    return [{ level: 'breaking', part, change: 'is required now', consequence: 'requests without it are refused' }];
  if (was === undefined) return [{ level: 'compatible', part, change: 'was added' }];
  return was.required && !is.required ? [{ level: 'compatible', part, change: 'is optional now' }] : [];
}

function argumentsOf(prompt: ApiEntry): ReadonlyMap<string, PromptArgument> {
  const listed: readonly unknown[] = Array.isArray(prompt.arguments) ? prompt.arguments : [];
  const found = listed.flatMap((entry): PromptArgument[] => {
    const node = toNode(entry);
    if (typeof node !== 'object' || typeof node.name !== 'string') return [];
    return [{ name: node.name, required: node.required === true }];
  });
  return new Map(found.map((argument) => [argument.name, argument]));
}

function compareResources([was, is]: Versions): readonly EntryChange[] {
  if (was.mimeType === is.mimeType) return [];
  const part = 'mimeType';
  if (was.mimeType === undefined) return [{ level: 'compatible', part, change: `is ${is.mimeType} now` }];
  const change =
    is.mimeType === undefined ? `is not ${was.mimeType} any more` : `changed from ${was.mimeType} to ${is.mimeType}`;
  return [{ level: 'breaking', part, change, consequence: 'clients may not be able to read it' }];
}
