import { readFileSync } from 'node:fs';
import { manifestInvalid, manifestUnreadable } from './errors.ts';
import type { ServerManifest } from './manifest.ts';

/**
 * Reads `manifest.json`. Nothing else is read until a request needs it.
 * @throws ServerError MANIFEST_UNREADABLE, MANIFEST_INVALID
 */
export function readManifest(directory: URL): ServerManifest {
  const location = new URL('manifest.json', directory);
  let text: string;
  try {
    text = readFileSync(location, 'utf8');
  } catch (cause) {
    throw manifestUnreadable(location.pathname, cause);
  }
  return parseManifest(text, location.pathname);
}

const TABLES = ['tools', 'resources', 'resourceTemplates', 'prompts', 'connectors', 'lists', 'options'] as const;

function parseManifest(text: string, location: string): ServerManifest {
  let value: ServerManifest | null;
  try {
    value = JSON.parse(text) as ServerManifest | null;
  } catch (cause) {
    throw manifestInvalid(location, 'it is not valid JSON', cause);
  }
  if (value?.format !== 1) throw manifestInvalid(location, `its format is ${String(value?.format)}, expected 1`);
  const missing = TABLES.find((name) => typeof value[name] !== 'object' || value[name] === null);
  if (missing !== undefined) throw manifestInvalid(location, `"${missing}" is missing`);
  return value;
}
