import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import shop from '../connectors/shop.ts';
import { escapeLike } from '../lib/database.ts';

const product = z.object({ id: z.int(), name: z.string(), priceCents: z.int(), stock: z.int() });

export default defineTool({
  title: 'Search products',
  description: 'Finds products whose name contains a text, the cheapest first.',
  input: z.object({
    text: z.string().max(200).describe('Part of the name, in any case'),
    maxPriceCents: z.int().positive().optional(),
    inStock: z.boolean().default(false).describe('Leave out what is sold out'),
    limit: z.int().min(1).max(100).default(20),
  }),
  output: z.object({ products: z.array(product) }),
  annotations: { readOnlyHint: true },
  connectors: { shop },
  handler: async ({ text, maxPriceCents, inStock, limit }, { connectors, signal }) => ({
    products: await connectors.shop.query<z.infer<typeof product>>(
      `select id, name, price_cents as "priceCents", stock from products
       where lower(name) like lower($1) escape '!' and price_cents <= $2 and stock >= $3
       order by price_cents, id limit $4`,
      [`%${escapeLike(text)}%`, maxPriceCents ?? 2_147_483_647, inStock ? 1 : 0, limit],
      { signal },
    ),
  }),
});
