export type { Catalogue } from './lib/catalogue.ts';
export { createServerFromManifest } from './lib/create-server.ts';
export { ServerError, type ServerErrorCode } from './lib/errors.ts';
export type { OnEvent, ServerEvent } from './lib/events.ts';
export type { Authenticate } from './lib/http-handler.ts';
export type { McpServer, McpServerOptions } from './lib/mcp-server.ts';
export { type HttpOptions, type HttpService, serveHttp } from './lib/serve-http.ts';
export { type StdioOptions, type StdioService, serveStdio } from './lib/serve-stdio.ts';
