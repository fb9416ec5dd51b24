// The lightest of the frameworks that we measured: mcp-lite, behind the adapter that its documentation leaves to Hono.
// It speaks revisions up to 2025-06-18, so its requests are of that revision.
import { McpServer, StreamableHttpTransport } from 'mcp-lite';
import { listTools } from './tools.js';

const { createServer } = process.getBuiltinModule('node:http');

const server = new McpServer({ name: 'benchmark', version: '1.0.0' });
for (const { name, description, inputSchema } of listTools(Number(process.env.TOOLS ?? 1))) {
  server.tool(name, {
    description,
    inputSchema,
    handler: ({ text }) => ({ content: [{ type: 'text', text }] }),
  });
}
const answer = new StreamableHttpTransport().bind(server);

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const { method, headers, url } = request;
    const body = Buffer.concat(chunks);
    const answered = await answer(new Request(`http://127.0.0.1${url}`, { method, headers, body }));
    const text = await answered.text();
    response.writeHead(answered.status, {
      ...Object.fromEntries(answered.headers),
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
