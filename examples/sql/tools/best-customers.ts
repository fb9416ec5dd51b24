import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import shop from '../connectors/shop.ts';

const customer = z.object({ name: z.string(), city: z.string(), orders: z.int(), totalCents: z.int() });

export default defineTool({
  title: 'Best customers',
  description: 'Ranks the customers by what they ordered since a day.',
  input: z.object({ since: z.iso.date().default('1970-01-01'), limit: z.int().min(1).max(50).default(10) }),
  output: z.object({ customers: z.array(customer) }),
  annotations: { readOnlyHint: true },
  connectors: { shop },
  handler: async ({ since, limit }, { connectors, signal }) => ({
    customers: await connectors.shop.query<z.infer<typeof customer>>(
      `select name, city, cast(count(distinct orders.id) as integer) as "orders",
         cast(sum(quantity * price_cents) as integer) as "totalCents"
       from customers join orders on customer_id = customers.id join order_lines on order_id = orders.id
       where ordered_on >= $1 group by customers.id, name, city order by "totalCents" desc, customers.id limit $2`,
      [since, limit],
      { signal },
    ),
  }),
});
