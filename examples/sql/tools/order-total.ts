import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import shop from '../connectors/shop.ts';

const line = z.object({ product: z.string(), quantity: z.int(), totalCents: z.int() });

export default defineTool({
  title: 'Order total',
  description: 'Shows the lines of an order and what they come to.',
  input: z.object({ orderId: z.int().describe('Such as 1001') }),
  output: z.object({ customer: z.string(), orderedOn: z.iso.date(), lines: z.array(line), totalCents: z.int() }),
  annotations: { readOnlyHint: true },
  connectors: { shop },
  handler: async ({ orderId }, { connectors, signal }) => {
    const [order] = await connectors.shop.query<{ customer: string; orderedOn: string }>(
      `select customers.name as "customer", ordered_on as "orderedOn"
       from orders join customers on customers.id = customer_id where orders.id = $1`,
      [orderId],
      { signal },
    );
    if (order === undefined) throw new Error(`There is no order ${orderId}`);
    const lines = await connectors.shop.query<z.infer<typeof line>>(
      `select name as "product", quantity, quantity * order_lines.price_cents as "totalCents"
       from order_lines join products on products.id = product_id where order_id = $1 order by product_id`,
      [orderId],
      { signal },
    );
    const totalCents = lines.reduce((total, { totalCents: cents }) => total + cents, 0);
    return { customer: order.customer, orderedOn: order.orderedOn, lines, totalCents };
  },
});
