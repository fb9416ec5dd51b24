import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Tells listening clients that the list of prompts changed',
  handler: (_input, { listChanged }) => {
    listChanged('prompts');
    return 'Told those who listen';
  },
});
