import { defineConfig } from 'mcpgen';

export default defineConfig({
  name: 'everyday-arithmetic',
  title: 'Everyday arithmetic',
  instructions: 'Converts units, measures texts and calculates with dates. Exact, and needs no network.',
});
