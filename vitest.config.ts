import { defineConfig } from 'vitest/config';

const conditions = ['@mcpgen/source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // On a shared machine a test of processes and sockets may run out of time once: it is run again, and named.
    retry: process.env.CI ? 1 : 0,
    execArgv: ['--conditions=@mcpgen/source'],
  },
});
