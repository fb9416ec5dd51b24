import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Answers with text',
  handler: () => 'This is a simple text response for testing.',
});
