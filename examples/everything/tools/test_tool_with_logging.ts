import { setTimeout as wait } from 'node:timers/promises';
import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Logs while it runs',
  handler: async (_input, { log, signal }) => {
    log('info', 'Tool execution started');
    await wait(50, undefined, { signal });
    log('info', 'Tool processing data');
    await wait(50, undefined, { signal });
    log('info', 'Tool execution completed');
    return 'Tool with logging executed successfully';
  },
});
