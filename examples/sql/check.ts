import assert from 'node:assert/strict';
import { checkServer } from '@mcpgen/example-check';

const url = process.env.DATABASE_URL;
console.log(url === undefined ? 'Database: SQLite in memory' : 'Database: PostgreSQL');

await checkServer(
  import.meta.dirname,
  {
    'finds products in any case, the cheapest first': async ({ call }) => {
      const { structured } = await call('search-products', { text: 'MUG' });
      assert.deepEqual(structured, {
        products: [
          { id: 1, name: 'Enamel mug', priceCents: 1250, stock: 40 },
          { id: 4, name: 'Mug rack (100% oak)', priceCents: 2800, stock: 0 },
        ],
      });
    },

    'narrows a search by price and stock': async ({ call }) => {
      const cheap = await call('search-products', { text: '', maxPriceCents: 1250 });
      assert.deepEqual(namesIn(cheap.structured), ['Tea towel', 'Enamel mug']);
      const inStock = await call('search-products', { text: 'oak', inStock: true });
      assert.deepEqual(namesIn(inStock.structured), ['Oak chopping board']);
    },

    'takes wildcards for what they are': async ({ call }) => {
      const { structured } = await call('search-products', { text: '100%' });
      assert.deepEqual(namesIn(structured), ['Mug rack (100% oak)']);
      const underscore = await call('search-products', { text: '_' });
      assert.deepEqual(namesIn(underscore.structured), []);
    },

    'takes an injected statement for a name': async ({ call }) => {
      const injected = await call('search-products', { text: "'; drop table order_lines; --" });
      assert.deepEqual(injected.structured, { products: [] });
      const { isError } = await call('order-total', { orderId: 1001 });
      assert(!isError);
    },

    'adds up an order at the prices of its day': async ({ call }) => {
      const { structured } = await call('order-total', { orderId: 1003 });
      assert.deepEqual(structured, {
        customer: 'Ada Fernández',
        orderedOn: '2026-11-19',
        lines: [
          { product: 'Linen apron', quantity: 1, totalCents: 3500 },
          { product: 'Mug rack (100% oak)', quantity: 1, totalCents: 2800 },
        ],
        totalCents: 6300,
      });
    },

    'says that there is no such order': async ({ call }) => {
      const { isError, text } = await call('order-total', { orderId: 9999 });
      assert(isError);
      assert.match(text, /There is no order 9999/);
    },

    'refuses an order id that is no number': async ({ call }) => {
      const { isError, text } = await call('order-total', { orderId: '1001 or 1=1' });
      assert(isError);
      assert.match(text, /orderId/);
    },

    'ranks customers': async ({ call }) => {
      const { structured } = await call('best-customers');
      assert.deepEqual(structured, {
        customers: [
          { name: 'Ada Fernández', city: 'Porto', orders: 2, totalCents: 13280 },
          { name: 'Bram de Vries', city: 'Utrecht', orders: 1, totalCents: 5400 },
        ],
      });
    },

    'ranks customers since a day': async ({ call }) => {
      const { structured } = await call('best-customers', { since: '2026-10-01', limit: 1 });
      assert.deepEqual(structured, {
        customers: [{ name: 'Ada Fernández', city: 'Porto', orders: 1, totalCents: 6300 }],
      });
    },
  },
  { env: url === undefined ? {} : { DATABASE_URL: url } },
);

function namesIn(structured: unknown): readonly string[] {
  const { products } = structured as { products: readonly { name: string }[] };
  return products.map(({ name }) => name);
}
