import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Logs one message, which only clients that asked for it see',
  handler: (_input, { log }) => {
    log('info', 'test_logging_tool ran');
    return 'Logged one message';
  },
});
