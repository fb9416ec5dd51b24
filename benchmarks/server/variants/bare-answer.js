// What the bare variants answer: the same bytes as a server of mcpgen, which the benchmark checks before it begins.
import { listTools } from './tools.js';

const tools = listTools(Number(process.env.TOOLS ?? 1));
const _meta = { 'io.modelcontextprotocol/serverInfo': { name: 'benchmark', version: '1.0.0' } };

export function answer({ id, method, params }) {
  if (method === 'tools/list') {
    const result = { tools, ttlMs: 300_000, cacheScope: 'public', resultType: 'complete', _meta };
    return { jsonrpc: '2.0', id, result };
  }
  const content = [{ type: 'text', text: params.arguments.text }];
  return { jsonrpc: '2.0', id, result: { content, resultType: 'complete', _meta } };
}
