import { manifestCatalogue } from './manifest-catalogue.ts';
import type { ManifestCatalogueOptions } from './manifest-modules.ts';
import { McpServer, type McpServerOptions } from './mcp-server.ts';
import { readManifest } from './read-manifest.ts';

/**
 * A server over the directory that `mcpgen build` wrote. Reads `manifest.json` and nothing else.
 * @throws ServerError MANIFEST_UNREADABLE, MANIFEST_INVALID
 */
export function createServerFromManifest(
  directory: URL,
  options: McpServerOptions & ManifestCatalogueOptions = {},
): McpServer {
  return new McpServer(manifestCatalogue(readManifest(directory), directory, options), options);
}
