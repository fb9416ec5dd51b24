import { setTimeout as wait } from 'node:timers/promises';
import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Takes a moment, in which the connection may be lost',
  handler: async (_input, { signal }) => {
    await wait(100, undefined, { signal });
    return 'Reconnection test completed successfully';
  },
});
