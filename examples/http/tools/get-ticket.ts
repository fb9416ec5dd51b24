import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import tickets from '../connectors/tickets.ts';
import { type Ticket, ticket } from '../lib/ticket.ts';

export default defineTool({
  title: 'Get a ticket',
  description: 'Reads one ticket by its number.',
  input: z.object({ id: z.int().positive() }),
  output: ticket,
  annotations: { readOnlyHint: true },
  connectors: { tickets },
  handler: ({ id }, { connectors, signal }) => connectors.tickets.request<Ticket>('GET', `/tickets/${id}`, { signal }),
});
