import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import tickets from '../connectors/tickets.ts';
import { explainFailure } from '../lib/explain-failure.ts';
import { type Ticket, ticket, ticketStatus } from '../lib/ticket.ts';

interface Page {
  readonly tickets: readonly Ticket[];
  readonly next?: string;
}

export default defineTool({
  title: 'List tickets',
  description: 'Lists tickets, the newest first.',
  input: z.object({ status: ticketStatus.optional(), limit: z.int().min(1).max(200).default(50) }),
  output: z.object({ tickets: z.array(ticket) }),
  annotations: { readOnlyHint: true },
  connectors: { tickets },
  handler: async ({ status, limit }, { connectors, signal, progress }) => {
    const found: Ticket[] = [];
    let next: string | undefined;
    do {
      const page: Page = await explainFailure(
        connectors.tickets.json<Page>('GET', '/tickets', { signal, query: { status, after: next } }),
      );
      found.push(...page.tickets);
      next = page.next;
      progress(found.length, { message: `${found.length} tickets read` });
    } while (next !== undefined && found.length < limit);
    return { tickets: found.slice(0, limit) };
  },
});
