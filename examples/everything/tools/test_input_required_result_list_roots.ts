import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Asks the client for its roots',
  uses: ['roots'],
  handler: async (_input, { roots }) => {
    const found = await roots({ key: 'client_roots' });
    return `The client has ${found.length} root(s): ${found.map(({ uri }) => uri).join(', ')}`;
  },
});
