import type { Schema } from '../authoring/define.ts';
import { definitionInvalid } from '../errors.ts';
import { isFields } from '../protocol/message.ts';
import type { AnyPrompt, AnyResource, AnyTool } from './definition.ts';
import { isStandardSchema } from './standard-parse.ts';

/** A tool as `tools/list` shows it. */
export function describeTool(name: string, tool: AnyTool): object {
  return {
    name,
    ...present({ title: tool.title, description: tool.description, icons: tool.icons }),
    inputSchema: tool.input === undefined ? NO_INPUT : jsonSchemaOf(tool.input, 'input', `tool "${name}"`),
    ...present({
      outputSchema: tool.output && jsonSchemaOf(tool.output, 'output', `tool "${name}"`),
      annotations: tool.annotations,
      _meta: tool.meta,
    }),
  };
}

export function describeResource(name: string, resource: AnyResource): object {
  const { uri, uriTemplate, title, description, mimeType, size, annotations, icons, meta } = resource;
  return {
    ...present({ uri, uriTemplate }),
    name,
    ...present({ title, description, mimeType, size, annotations, icons, _meta: meta }),
  };
}

export function describePrompt(name: string, prompt: AnyPrompt): object {
  const declared = Object.entries(prompt.arguments ?? {}).map(([argument, { title, description, required }]) => ({
    name: argument,
    ...present({ title, description, required }),
  }));
  return {
    name,
    ...present({ title: prompt.title, description: prompt.description, icons: prompt.icons, _meta: prompt.meta }),
    ...(declared.length === 0 ? {} : { arguments: declared }),
  };
}

/** Where an argument's value is mirrored in a header: `x-mcp-header` on properties reached through `properties` alone. */
export function mirroredArguments(schema: unknown, pointer = ''): Record<string, string> {
  const properties = isFields(schema) ? schema.properties : undefined;
  if (!isFields(properties)) return {};
  const found: Record<string, string> = {};
  for (const [name, property] of Object.entries(properties)) {
    const path = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const header = isFields(property) ? property['x-mcp-header'] : undefined;
    if (typeof header === 'string') found[path] = header;
    Object.assign(found, mirroredArguments(property, path));
  }
  return found;
}

const NO_INPUT = { type: 'object', additionalProperties: false };

function jsonSchemaOf(schema: Schema, side: 'input' | 'output', what: string): unknown {
  if (!isStandardSchema(schema)) return schema;
  const { jsonSchema, vendor } = schema['~standard'];
  if (jsonSchema === undefined) {
    throw definitionInvalid(
      what,
      `its ${side} schema of "${vendor}" does not give its JSON Schema`,
      'Use zod 4, or JSON Schema.',
    );
  }
  const { $schema: _dialect, ...rest } = jsonSchema[side]({ target: 'draft-2020-12' });
  return rest;
}

function present(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
