import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Tells listening clients that the list of tools changed',
  handler: (_input, { listChanged }) => {
    listChanged('tools');
    return 'Told those who listen';
  },
});
