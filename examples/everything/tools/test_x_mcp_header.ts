import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Has an argument that clients mirror in a header',
  input: {
    type: 'object',
    properties: {
      region: { type: 'string', description: 'Mirrored in Mcp-Param-Region', 'x-mcp-header': 'Region' },
      level: { type: 'integer', description: 'Not mirrored' },
    },
  },
  handler: ({ region }) => `region=${region ?? '<none>'}`,
});
