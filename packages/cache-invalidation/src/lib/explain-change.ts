import { comparePaths } from './compare-paths.ts';

/** One input that is not what it was. */
export interface InputChange {
  readonly kind: 'file' | 'env' | 'package' | 'option' | 'need' | 'version' | 'generator' | 'platform';
  /** The path, option or step; empty for what a step has one of. */
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

type Components = Readonly<Record<string, string>>;

/** What a reader wants to hear first. */
const ORDER: readonly InputChange['kind'][] = [
  'generator',
  'version',
  'platform',
  'file',
  'env',
  'package',
  'option',
  'need',
];

/** How many changes are named before "and 3 more". */
const NAMED = 3;

/** Why a step's key is not the last one: `tools/echo.ts changed`, `option "minify" changed from false to true`. */
export function explainChange(before: Components | undefined, after: Components): string {
  if (before === undefined) return 'first build';
  const changes = compareComponents(before, after);
  if (changes.length === 0) return 'nothing changed';
  const named = changes.slice(0, NAMED).map(describeChange).join(', ');
  return changes.length > NAMED ? `${named} and ${changes.length - NAMED} more` : named;
}

/** All inputs that differ, most telling first. */
export function compareComponents(before: Components, after: Components): InputChange[] {
  const changes: InputChange[] = [];
  for (const component of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[component], after[component]];
    if (was !== is) changes.push({ ...parseComponent(component), before: was, after: is });
  }
  return changes.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || comparePaths(a.name, b.name));
}

function parseComponent(component: string): Pick<InputChange, 'kind' | 'name'> {
  const colon = component.indexOf(':');
  const prefix = colon < 0 ? component : component.slice(0, colon);
  const kind = ORDER.find((known) => known === prefix) ?? 'option';
  return { kind, name: colon < 0 ? '' : component.slice(colon + 1) };
}

function describeChange({ kind, name, before, after }: InputChange): string {
  switch (kind) {
    case 'file':
      return `${name} ${verb(before, after)}`;
    case 'env':
      return `environment value ${name} ${environmentVerb(before, after)}`;
    case 'package':
      return `package ${name} ${verb(before, after)}${values(before, after)}`;
    case 'option':
      return `option "${name}" ${verb(before, after)}${values(before, after)}`;
    case 'need':
      return before === undefined || after === undefined
        ? `need of ${name} ${verb(before, after)}`
        : `output of ${name} changed`;
    case 'version':
      return `the step's format changed${values(before, after)}`;
    case 'generator':
      return `mcpgen changed${values(before, after)}`;
    case 'platform':
      return `the platform changed${values(before, after)}`;
    default:
      return kind satisfies never;
  }
}

function environmentVerb(before: string | undefined, after: string | undefined): string {
  if (before === undefined || after === undefined) return before === undefined ? 'declared' : 'no longer declared';
  return before === 'unset' ? 'set' : after === 'unset' ? 'unset' : 'changed';
}

function verb(before: string | undefined, after: string | undefined): string {
  return before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
}

/** ` from a to b`, where both are short enough to have been kept. */
function values(before: string | undefined, after: string | undefined): string {
  if (before === undefined || after === undefined || before.startsWith('#') || after.startsWith('#')) return '';
  return ` from ${before} to ${after}`;
}
