import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import tickets from '../connectors/tickets.ts';
import { type Ticket, ticket } from '../lib/ticket.ts';

export default defineTool({
  title: 'Create a ticket',
  description: 'Opens a ticket and gives it back with its number.',
  input: z.object({ title: z.string().min(1).max(200), priority: ticket.shape.priority.default('normal') }),
  output: ticket,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  connectors: { tickets },
  handler: (body, { connectors, signal }) => connectors.tickets.request<Ticket>('POST', '/tickets', { signal, body }),
});
