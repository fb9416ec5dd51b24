import type { Message } from 'esbuild';
import { BundleError, bundleFailed, exportNotFound, importUnresolved } from './errors.ts';
import type { ModuleGraph } from './module-graph.ts';
import { esbuildErrors } from './scan-sources.ts';
import { locateImport } from './wanted-modules.ts';

/** Says of a failed bundling of packages which import of the author's it comes from, where that is known. */
export function packageFailure(cause: unknown, graph: ModuleGraph): unknown {
  const message = esbuildErrors(cause)[0];
  if (message === undefined || message.detail instanceof BundleError) return message?.detail ?? cause;
  const specifier = entryOf(message);
  if (specifier === undefined) return bundleFailed('dependencies', describe(message), undefined, cause);
  const name = /for import "(.+)"$/.exec(message.text)?.[1];
  const location = locateImport(graph, specifier, name);
  if (name !== undefined && location !== undefined) return exportNotFound(name, specifier, location);
  return importUnresolved(specifier, location, describe(message));
}

/** The specifier whose entry a message is about. */
function entryOf({ location, text }: Message): string | undefined {
  const entry = /^mcpgen-entry:(.+)$/.exec(location?.file ?? '')?.[1];
  return entry ?? /^Could not resolve "(.+)"$/.exec(text)?.[1];
}

function describe({ location, notes, text }: Message): string {
  const place = location === null ? '' : ` (${location.file}:${location.line})`;
  const note = notes.find((found) => found.text !== '')?.text;
  return `${text}${place}${note === undefined ? '' : `. ${note}`}`;
}
