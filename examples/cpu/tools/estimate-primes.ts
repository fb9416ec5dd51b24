import { defineTool } from '@mcpgen/server';
import { z } from 'zod';

export default defineTool({
  title: 'Estimate primes',
  description: 'Says at once about how many primes there are up to a limit.',
  input: z.object({ limit: z.int().min(2) }),
  output: z.object({ primes: z.int() }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  handler: ({ limit }) => ({ primes: Math.round(limit / (Math.log(limit) - 1.08366)) }),
});
