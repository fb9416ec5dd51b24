import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Always fails',
  handler: () => {
    throw new Error('This tool intentionally returns an error for testing');
  },
});
