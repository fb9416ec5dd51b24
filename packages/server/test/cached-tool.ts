import type { Caller, Context, ToolReturn } from '@mcpgen/server';
import { type AnyTool, createServer, type HttpOptions, type McpServerOptions } from '@mcpgen/server/runtime';
import { type Running, running, textOf } from './running.ts';
import { modernRequest, send } from './wire.ts';

export const info = { name: 'test', version: '1.0.0' };
export type Handle = (input: never, context: Context, run: number) => ToolReturn | Promise<ToolReturn>;

/** A cached tool that says which of its runs answered. */
export function cachedTool(more: Partial<AnyTool> = {}, handle: Handle = (_input, _context, run) => `run ${run}`) {
  const { promise: began, resolve: begin } = Promise.withResolvers<void>();
  let runs = 0;
  const tool: AnyTool = {
    annotations: { readOnlyHint: true },
    cache: { ttl: '1h' },
    handler: (input: never, context: Context) => {
      runs++;
      begin();
      return handle(input, context, runs);
    },
    ...more,
  };
  return { tool, began, runs: () => runs };
}

export function serve(tool: AnyTool, options: McpServerOptions = {}, http: HttpOptions = {}): Promise<Running> {
  return running(createServer({ info, tools: { tool } }, options), http);
}

/** The `Authorization` header is the caller, as JSON. */
export const byHeader: HttpOptions = {
  authenticate: ({ headers }) => JSON.parse(headers.authorization ?? 'null') as Caller,
};

export async function textFor({ url }: Running, caller: Partial<Caller>): Promise<string> {
  const authorization = JSON.stringify({ issuer: 'issuer', subject: 'ann', scopes: [], ...caller });
  return textOf(await send(url, modernRequest('tools/call', { name: 'tool', arguments: {} }, { authorization })));
}
