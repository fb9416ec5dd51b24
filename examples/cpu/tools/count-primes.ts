import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import { countPrimes } from '../lib/prime-sieve.ts';

export default defineTool({
  title: 'Count primes',
  description: 'Counts the primes up to a limit, exactly. A thousand million takes some seconds.',
  input: z.object({ limit: z.int().min(0).max(1_000_000_000) }),
  output: z.object({ primes: z.int() }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  run: 'worker',
  deadline: '60s',
  handler: ({ limit }) => ({ primes: countPrimes(limit) }),
});
