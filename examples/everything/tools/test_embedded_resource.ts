import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Answers with a resource inside',
  handler: () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  }),
});
