import { defineConfig } from 'mcpgen';

export default defineConfig({
  name: 'shop',
  title: 'Shop',
  instructions: 'Reads the products, customers and orders of a shop. Amounts of money are in cents.',
});
