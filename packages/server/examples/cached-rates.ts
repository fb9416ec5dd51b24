import assert from 'node:assert/strict';
import { defineTool } from '@mcpgen/server';
import { createServer, serveHttp } from '@mcpgen/server/runtime';
import { z } from 'zod';

let asked = 0;

/** Stands for a service that is slow, or paid for by the call. */
async function fetchRates(currency: string): Promise<object> {
  asked++;
  return { currency, dollars: 1.25 };
}

const rates = defineTool({
  description: 'Says what a currency is worth',
  input: z.object({ currency: z.string().default('EUR') }),
  annotations: { readOnlyHint: true },
  cache: { ttl: '5m', scope: 'public' },
  handler: ({ currency }) => fetchRates(currency),
});

const server = createServer({ info: { name: 'rates', version: '1.0.0' }, tools: { rates } });
const service = await serveHttp(server, { port: 0 });

const first = await call({ currency: 'EUR' });
assert.deepEqual(await call({}), first);
assert.equal(asked, 1);
await call({ currency: 'CHF' });
assert.equal(asked, 2);

await service.close();
await server.close();

async function call(input: object): Promise<unknown> {
  const answer = await fetch(service.url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'rates',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name: 'rates',
        arguments: input,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  });
  return answer.json();
}
