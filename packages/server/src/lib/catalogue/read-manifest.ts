import { manifestInvalid, manifestUnreadable } from '../errors.ts';
import type { ServerManifest } from './manifest.ts';

// Not by `import`, which touches every lazy getter of the module and so loads file streams: 5 ms at each start.
const { readFileSync } = process.getBuiltinModule('node:fs');

/**
 * Reads `manifest.json`. Nothing else is read until a request needs it.
 * @throws ServerError MANIFEST_UNREADABLE, MANIFEST_INVALID
 */
export function readManifest(directory: URL): ServerManifest {
  return parseManifest(readBeside('manifest.json', directory).toString(), new URL('manifest.json', directory).pathname);
}

/**
 * The text of a file beside the manifest.
 * @throws ServerError MANIFEST_UNREADABLE
 */
export function readBeside(path: string, directory: URL): Buffer {
  const location = new URL(path, directory);
  try {
    return readFileSync(location);
  } catch (cause) {
    throw manifestUnreadable(location.pathname, cause);
  }
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
