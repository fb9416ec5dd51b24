import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import tickets from '../connectors/tickets.ts';
import { explainFailure } from '../lib/explain-failure.ts';
import { type Ticket, ticket } from '../lib/ticket.ts';

export default defineTool({
  title: 'Create a ticket',
  description: 'Opens a ticket and gives it back with its number.',
  input: z.object({ title: z.string().min(1).max(200), priority: ticket.shape.priority.default('normal') }),
  output: ticket,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  connectors: { tickets },
  handler: (wanted, { connectors, signal }) =>
    explainFailure(
      connectors.tickets.json<Ticket>('POST', '/tickets', {
        signal,
        json: wanted,
        idempotencyKey: crypto.randomUUID(), // so that it may be repeated when an answer is lost
      }),
    ),
});
