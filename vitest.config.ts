import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';

// vitest hands these on to Node: `import` among them would make a `require` load ES modules.
const conditions = ['@mcpgen/source', 'module', 'node'];

/** Names the tests that passed only when they were run again. */
const retriedTests: Reporter = {
  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky)
      process.stdout.write(`passed when run again: ${test.module.relativeModuleId} > ${test.fullName}\n`);
  },
};

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
    reporters: ['default', retriedTests],
    execArgv: ['--conditions=@mcpgen/source'],
  },
});
