import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Answers without a request of the server on the stream',
  handler: () => 'Stream observed: no requests of the server',
});
