import { type HttpOptions, type HttpService, type McpServer, serveHttp } from '@mcpgen/server/runtime';
import { modernRequest, send, type WireAnswer } from './wire.ts';

/** A server that runs for one test. */
export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly server: McpServer;
  readonly service: HttpService;
  /** Calls a tool in revision 2026-07-28. */
  call(name: string, input?: object, params?: object): Promise<WireAnswer>;
}

export async function running(server: McpServer, options: HttpOptions = {}): Promise<Running> {
  const service = await serveHttp(server, { port: 0, ...options });
  return {
    url: service.url,
    server,
    service,
    call: (name, input = {}, params = {}) =>
      send(service.url, modernRequest('tools/call', { name, arguments: input, ...params })),
    async [Symbol.asyncDispose]() {
      await service.close({ timeout: 100 });
      await server.close();
    },
  };
}

/** The text of a tool's answer. */
export function textOf({ json }: WireAnswer): string {
  const content = json?.result?.content;
  const [block] = Array.isArray(content) ? content : [];
  return typeof block === 'object' && block !== null && 'text' in block ? String(block.text) : '';
}
