import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import { convert, unitNames } from '../lib/units.ts';

export default defineTool({
  title: 'Convert units',
  description: 'Converts a quantity from one unit of length, mass, temperature or volume to another.',
  input: z.object({
    value: z.number().describe('How many of `from`'),
    from: z.enum(unitNames),
    to: z.enum(unitNames),
  }),
  output: z.object({ value: z.number(), unit: z.enum(unitNames) }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  handler: ({ value, from, to }) => ({ value: convert(value, from, to), unit: to }),
});
