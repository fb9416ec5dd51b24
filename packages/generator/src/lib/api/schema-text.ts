import type { SchemaFinding } from './schema-finding.ts';

/** Says what is different, to be read after the name of the place. A finding of `widened` looks from the new schema to the old. */
export function schemaText(
  finding: SchemaFinding,
  effect: 'narrowed' | 'widened',
  direction: 'input' | 'output',
): string {
  const narrowed = effect === 'narrowed';
  const { aspect, from, to } = finding;
  switch (aspect) {
    case 'required':
      if (direction === 'output') return narrowed ? 'is always there now' : 'may be missing now';
      return narrowed ? 'is required now' : 'is optional now';
    case 'removed':
      return narrowed ? 'was removed' : 'was added';
    case 'closed':
      return narrowed ? 'takes no other properties now' : 'takes other properties now';
    case 'type':
      return narrowed ? `can no longer be ${from}, only ${to}` : `can be ${from} as well`;
    case 'values':
      return narrowed ? narrowedValues(from, to) : widenedValues(from, to);
    case 'forbidden':
      return narrowed ? 'can no longer be given' : 'can be given now';
    case 'unclear':
      return `cannot be compared: ${to} is different`;
    case 'dependentRequired':
      return `is ${narrowed ? 'required' : 'optional'} now where "${to}" is given`;
    default:
      return narrowed ? limitText(aspect, from, to) : limitText(aspect, to, from);
  }
}

function narrowedValues(lost: string | undefined, left: string | undefined): string {
  return lost === undefined ? `can only be ${left} now` : `can no longer be ${lost}`;
}

function widenedValues(gained: string | undefined, before: string | undefined): string {
  return gained === undefined ? `is no longer limited to ${before}` : `can be ${gained} as well`;
}

function limitText(keyword: string, before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `has a ${keyword} now: ${after}`;
  return after === undefined
    ? `has no ${keyword} any more, which was ${before}`
    : `${keyword} changed from ${before} to ${after}`;
}
