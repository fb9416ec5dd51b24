import { manifestCatalogue } from './catalogue/manifest-catalogue.ts';
import type { ManifestCatalogueOptions } from './catalogue/manifest-modules.ts';
import { readManifest } from './catalogue/read-manifest.ts';
import { McpServer, type McpServerOptions } from './mcp-server.ts';

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
