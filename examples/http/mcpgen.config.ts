import { defineConfig } from 'mcpgen';

export default defineConfig({
  name: 'tickets',
  title: 'Tickets',
  instructions: 'Lists, reads and creates the tickets of a help desk.',
});
