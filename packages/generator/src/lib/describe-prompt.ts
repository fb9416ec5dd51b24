import { DefinitionFault } from './definition-fault.ts';
import { type DefinitionReader, type DefinitionShape, present, readDefinition } from './definition-reader.ts';
import type { PromptDescription } from './description.ts';
import { quote } from './errors.ts';
import { typeName } from './type-name.ts';
import { UNKNOWN_KEYWORD } from './validation-keywords.ts';

const PROMPT: DefinitionShape = {
  what: 'a prompt',
  fields: 'name title description arguments icons meta connectors uses handler'.split(' '),
  hint: 'Write export default definePrompt({ ... }).',
};
const ARGUMENT_FIELDS = ['title', 'description', 'required', 'complete'];
const ARGUMENTS_HINT = "Write arguments: { topic: { description: '...', required: true } }.";

/** Reads what a prompt says of itself. @throws DefinitionFault */
export function describePrompt(definition: unknown, fileName: string): PromptDescription {
  const reader = readDefinition(definition, PROMPT);
  const name = reader.text('name') ?? fileName;
  reader.requireFunction('handler', 'Write handler(input, context) { ... } and return a text or messages.');
  const entries = promptArguments(reader);
  const listing = {
    name,
    ...present({
      title: reader.shown('title'),
      description: reader.shown('description'),
      arguments: entries.length === 0 ? undefined : entries.map(({ listing }) => listing),
      icons: reader.icons(),
      _meta: reader.json('meta'),
    }),
  };
  const required = entries.filter((entry) => entry.required).map((entry) => entry.name);
  return {
    kind: 'prompt',
    name,
    listing,
    validation: {
      type: 'object',
      properties: Object.fromEntries(entries.map((entry) => [entry.name, { type: 'string' }])),
      ...(required.length > 0 ? { required } : {}),
      [UNKNOWN_KEYWORD]: 'strip',
    },
    connectors: reader.connectors(),
    complete: entries.some((entry) => entry.complete),
    uses: reader.uses(),
    warnings: reader.warnings,
  };
}

interface PromptArgumentEntry {
  readonly name: string;
  readonly listing: object;
  readonly required: boolean;
  readonly complete: boolean;
}

function promptArguments(prompt: DefinitionReader): readonly PromptArgumentEntry[] {
  const value = prompt.value('arguments');
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DefinitionFault('arguments must be an object of arguments by name', {
      field: 'arguments',
      hint: ARGUMENTS_HINT,
    });
  }
  return Object.entries(value).map(([name, argument]) => {
    if (name === '' || name === '__proto__')
      throw new DefinitionFault(`${quote(name)} cannot name an argument`, {
        field: 'arguments',
        hint: 'Choose another name.',
      });
    const reader = readArgument(name, argument);
    const required = reader.value('required') ?? false;
    if (typeof required !== 'boolean') {
      const hint = 'Write required: true, or leave it out.';
      throw new DefinitionFault(`required of ${quote(name)} must be true or false`, { field: 'arguments', hint });
    }
    const texts = present({ title: reader.shown('title'), description: reader.shown('description') });
    prompt.warnings.push(...reader.warnings);
    return {
      name,
      listing: { name, ...texts, ...(required ? { required } : {}) },
      required,
      complete: reader.optionalFunction('complete'),
    };
  });
}

function readArgument(name: string, argument: unknown): DefinitionReader {
  const shape = { what: `the argument ${quote(name)}`, fields: ARGUMENT_FIELDS, hint: ARGUMENTS_HINT };
  if (typeof argument === 'object' && argument !== null && !Array.isArray(argument))
    return readDefinition(argument, shape);
  throw new DefinitionFault(`${shape.what} is ${typeName(argument)}, expected an object`, {
    field: 'arguments',
    hint: ARGUMENTS_HINT,
  });
}
