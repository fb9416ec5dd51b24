import { z } from 'zod';

export const ticketStatus = z.enum(['open', 'closed']);

export const ticket = z.object({
  id: z.int(),
  title: z.string(),
  status: ticketStatus,
  priority: z.enum(['low', 'normal', 'high']),
});

export type Ticket = z.infer<typeof ticket>;
