import { defineConfig } from 'mcpgen';

export default defineConfig({
  name: 'heavy-computation',
  title: 'Heavy computation',
  instructions: 'Counts primes exactly and draws the Mandelbrot set. Both compute in worker threads.',
});
