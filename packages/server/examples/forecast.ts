import assert from 'node:assert/strict';
import { defineTool } from '@mcpgen/server';
import { createServer, serveHttp } from '@mcpgen/server/runtime';
import { z } from 'zod';

const forecast = defineTool({
  description: 'Says how warm it will be',
  input: z.object({ city: z.string(), days: z.number().int().min(1).max(7).default(3) }),
  annotations: { readOnlyHint: true },
  handler: ({ city, days }, { progress }) => {
    progress(1, { message: `Looking at ${city}` });
    return Array.from({ length: days }, (_, day) => ({ day, celsius: 20 + day }));
  },
});

const server = createServer({ info: { name: 'weather', version: '1.0.0' }, tools: { forecast } });
const service = await serveHttp(server, { port: 0 });

const answer = await fetch(service.url, {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    'MCP-Protocol-Version': '2026-07-28',
    'Mcp-Method': 'tools/call',
    'Mcp-Name': 'forecast',
  },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: {
      name: 'forecast',
      arguments: { city: 'Lisbon', days: 2 },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  }),
});
const { result } = (await answer.json()) as { result: { content: readonly { text: string }[] } };
assert.deepEqual(JSON.parse(result.content[0]?.text ?? ''), [
  { day: 0, celsius: 20 },
  { day: 1, celsius: 21 },
]);

await service.close();
await server.close();
