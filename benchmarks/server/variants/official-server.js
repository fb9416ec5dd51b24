// A server of the official SDK v2, written as its documentation says.
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

const count = Number(process.env.TOOLS ?? 1);

export function createOfficialServer() {
  const server = new McpServer({ name: 'benchmark', version: '1.0.0' }, { capabilities: { tools: {} } });
  const echo = { description: 'Answers what it is told', inputSchema: z.strictObject({ text: z.string() }) };
  server.registerTool('echo', echo, ({ text }) => ({ content: [{ type: 'text', text }] }));
  for (let number = 1; number < count; number += 1) registerFiller(server, number);
  return server;
}

const fillerSchema = z.strictObject({
  id: z.string().describe('Identifier of the entry'),
  query: z.string().describe('Words to look for in the text of the entry').optional(),
  limit: z.int().min(1).max(100).describe('How many results at most').optional(),
  tags: z.array(z.string()).describe('Only entries with all of these tags').optional(),
  verbose: z.boolean().describe('Whether to answer at length').optional(),
});

function registerFiller(server, number) {
  const description = `Looks up entry ${number} of the catalogue and says what is known about it`;
  const name = `tool_${String(number).padStart(4, '0')}`;
  server.registerTool(name, { description, inputSchema: fillerSchema }, ({ id }) => ({
    content: [{ type: 'text', text: id }],
  }));
}
