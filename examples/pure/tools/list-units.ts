import { defineTool } from '@mcpgen/server';
import { z } from 'zod';
import { unitNames, units } from '../lib/units.ts';

export default defineTool({
  title: 'List units',
  description: 'Lists the units that convert-units knows, of one dimension or of all.',
  input: z.object({ dimension: z.enum(['length', 'mass', 'temperature', 'volume']).optional() }),
  output: z.object({ units: z.array(z.string()) }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  handler: ({ dimension }) => ({
    units: unitNames.filter((name) => dimension === undefined || units[name].dimension === dimension),
  }),
});
