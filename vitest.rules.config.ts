import { defineConfig } from 'vitest/config';

/** The rules about the repository itself: `pnpm test:rules`. */
export default defineConfig({
  test: {
    include: ['test/*.test.ts'],
    environment: 'node',
    pool: 'threads',
    isolate: false,
    testTimeout: 60_000,
  },
});
