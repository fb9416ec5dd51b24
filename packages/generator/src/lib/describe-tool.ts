import { DefinitionFault } from './definition-fault.ts';
import { type DefinitionReader, type DefinitionShape, present, readDefinition } from './definition-reader.ts';
import { describeSchema, type LoadZod, type SchemaDescription } from './describe-schema.ts';
import type { ToolDescription } from './description.ts';
import { quote } from './errors.ts';
import { headerParameters } from './header-parameters.ts';
import { nameFault, nameWarning } from './name.ts';
import { UNKNOWN_KEYWORD } from './validation-keywords.ts';

const TOOL: DefinitionShape = {
  what: 'a tool',
  fields: 'name title description input output annotations icons meta connectors uses cache run deadline handler'.split(
    ' ',
  ),
  hint: 'Write export default defineTool({ ... }).',
};
const HINTS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
/** Without an `input`: no argument is expected, and one that comes anyway is dropped. */
const NO_INPUT: SchemaDescription = {
  listing: { type: 'object', additionalProperties: false },
  validation: { type: 'object', [UNKNOWN_KEYWORD]: 'strip' },
  parse: false,
};

export interface DefineOptions {
  /** From the file's path; a definition's own `name` wins. */
  readonly name: string;
  readonly loadZod: LoadZod;
}

/** Reads a tool: its name, what clients see of it, and what its validator has to check. @throws DefinitionFault */
export async function describeTool(
  definition: unknown,
  { name: fileName, loadZod }: DefineOptions,
): Promise<ToolDescription> {
  const reader = readDefinition(definition, TOOL);
  const name = readName(reader, fileName);
  reader.requireFunction('handler', 'Write handler(input, context) { ... } and return the result.');
  if (!reader.text('description')?.trim()) {
    reader.warnings.push('The tool has no description: models choose a tool by it');
  }
  const input = (await readSchema(reader, 'input', loadZod)) ?? NO_INPUT;
  const output = await readSchema(reader, 'output', loadZod);
  return {
    kind: 'tool',
    name,
    listing: listTool(name, reader, input, output),
    validation: input.validation,
    outputValidation: output?.validation,
    parse: input.parse,
    connectors: reader.connectors(),
    uses: reader.uses(),
    run: readRun(reader.value('run')),
    deadline: reader.duration('deadline'),
    cache: reader.toolCache(),
    headers: headerParameters(input.listing),
    warnings: reader.warnings,
  };
}

async function readSchema(
  reader: DefinitionReader,
  field: 'input' | 'output',
  loadZod: LoadZod,
): Promise<SchemaDescription | undefined> {
  const schema = reader.value(field);
  return schema === undefined ? undefined : describeSchema(schema, { field, warnings: reader.warnings, loadZod });
}

function listTool(
  name: string,
  reader: DefinitionReader,
  input: SchemaDescription,
  output: SchemaDescription | undefined,
): ToolDescription['listing'] {
  return {
    name,
    ...present({
      title: reader.shown('title'),
      description: reader.shown('description'),
      inputSchema: input.listing,
      outputSchema: output?.listing,
      annotations: readAnnotations(reader),
      icons: reader.icons(),
      _meta: reader.json('meta'),
    }),
  };
}

function readName(reader: DefinitionReader, fileName: string): string {
  const own = reader.text('name');
  const name = own ?? fileName;
  const fault = nameFault(name);
  if (fault !== undefined) {
    const hint = 'Use 1 to 128 of A-Z, a-z, 0-9, "_", "-" and ".".';
    throw new DefinitionFault(`the name ${quote(name)} cannot be used: ${fault}`, { field: 'name', hint });
  }
  const warning = own === undefined ? undefined : nameWarning(name);
  if (warning !== undefined) reader.warnings.push(warning);
  return name;
}

function readAnnotations(reader: DefinitionReader): { readonly [key: string]: unknown } | undefined {
  const annotations = reader.json('annotations');
  for (const [key, value] of Object.entries(annotations ?? {})) {
    const expected = key === 'title' ? 'string' : HINTS.includes(key) ? 'boolean' : undefined;
    if (expected === undefined) {
      const hint = `The annotations are title, ${HINTS.join(', ')}.`;
      throw new DefinitionFault(`annotations: ${quote(key)} is not one of them`, { field: key, hint });
    }
    if (typeof value !== expected)
      throw new DefinitionFault(`annotations.${key} must be a ${expected}`, {
        field: key,
        hint: `Write ${key}: ${expected === 'boolean' ? 'true or false' : "'...'"}, or leave it out.`,
      });
  }
  return annotations;
}

function readRun(value: unknown): 'main' | 'worker' {
  if (value === undefined || value === 'main') return 'main';
  if (value === 'worker') return 'worker';
  throw new DefinitionFault(`run must be "main" or "worker", got ${quote(String(value))}`, {
    field: 'run',
    hint: "Write run: 'worker' for a handler that computes for long, else leave it out.",
  });
}
