import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import tickets from '../connectors/tickets.ts';
import { explainFailure } from '../lib/explain-failure.ts';
import { type Ticket, ticket } from '../lib/ticket.ts';

export default defineTool({
  title: 'Get a ticket',
  description: 'Reads one ticket by its number.',
  input: z.object({ id: z.int().positive() }),
  output: ticket,
  annotations: { readOnlyHint: true },
  connectors: { tickets },
  handler: ({ id }, { connectors, signal }) =>
    explainFailure(connectors.tickets.json<Ticket>('GET', `/tickets/${id}`, { signal })),
});
