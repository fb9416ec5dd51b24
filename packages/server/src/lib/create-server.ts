import type { ServerDefinition } from './catalogue/definition.ts';
import { definitionCatalogue } from './catalogue/definition-catalogue.ts';
import { McpServer, type McpServerOptions } from './mcp-server.ts';

/**
 * A server written in code, without a build: `createServer({ info, tools: [defineTool({ ... })] })`.
 * @throws ServerError DEFINITION_INVALID
 */
export function createServer(definition: ServerDefinition, options: McpServerOptions = {}): McpServer {
  return new McpServer(definitionCatalogue(definition), options);
}

/** Serves another definition from the next request on: clients stay connected and are told what changed. */
export function replaceDefinition(server: McpServer, definition: ServerDefinition): void {
  server.replace(definitionCatalogue(definition, true));
}
