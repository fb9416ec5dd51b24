import { apiInvalid } from '../errors.ts';
import type { ServerApi } from './server-api.ts';

/** Raised when the file below takes another form. */
const FORMAT = 1;

/**
 * The API as a file to be kept with the sources: sorted and indented, so that a change of it reads well in a review.
 *
 *     { "format": 1, "version": "1.2.0", "tools": { "echo": { "description": "…", "inputSchema": { … } } }, … }
 */
export function encodeApi({ version, tools, prompts, resources, resourceTemplates }: ServerApi): string {
  const parts = Object.entries({ tools, prompts, resources, resourceTemplates });
  const used = parts.filter(([, entries]) => Object.keys(entries).length > 0);
  return `${JSON.stringify({ format: FORMAT, version, ...Object.fromEntries(used) }, null, 2)}\n`;
}

/**
 * Reads what `encodeApi` wrote.
 *
 * @param source how messages name it.
 * @throws GeneratorError API_INVALID for anything else, and for a format of a later version.
 */
export function parseApi(text: string, source: string): ServerApi {
  const file = parseJson(text, source);
  if (!isRecord(file)) throw apiInvalid(source, 'it holds no JSON object');
  const { format, version } = file;
  if (typeof format !== 'number') throw apiInvalid(source, 'it has no "format", expected 1');
  if (format > FORMAT) throw apiInvalid(source, `its format ${format} is of a later mcpgen, this one knows ${FORMAT}`);
  if (format !== FORMAT || typeof version !== 'string')
    throw apiInvalid(source, 'expected "format": 1 and a "version"');
  const part = (name: string): ServerApi['tools'] => entriesIn(file[name], { source, name });
  return {
    version,
    tools: part('tools'),
    prompts: part('prompts'),
    resources: part('resources'),
    resourceTemplates: part('resourceTemplates'),
  };
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw apiInvalid(source, cause instanceof Error ? cause.message : String(cause));
  }
}

function entriesIn(
  value: unknown,
  { source, name }: { readonly source: string; readonly name: string },
): ServerApi['tools'] {
  if (value === undefined) return {};
  if (!isRecord(value)) throw apiInvalid(source, `"${name}" is no object`);
  const entries = Object.entries(value).map(([key, entry]) => {
    if (!isRecord(entry)) throw apiInvalid(source, `"${key}" in "${name}" is no object`);
    return [key, entry] as const;
  });
  return Object.fromEntries(entries);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
