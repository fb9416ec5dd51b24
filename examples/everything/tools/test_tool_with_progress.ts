import { setTimeout as wait } from 'node:timers/promises';
import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Reports progress in three steps',
  handler: async (_input, { progress, signal }) => {
    for (const step of [0, 50, 100]) {
      progress(step, { total: 100, message: `Completed step ${step} of 100` });
      await wait(50, undefined, { signal });
    }
    return 'Tool with progress executed successfully';
  },
});
