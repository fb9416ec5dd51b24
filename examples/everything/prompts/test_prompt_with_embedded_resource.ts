import { definePrompt } from '@mcpgen/server';

export default definePrompt({
  title: 'Prompt With Embedded Resource',
  description: 'A prompt with a resource inside',
  arguments: { resourceUri: { description: 'URI of the resource to embed', required: true } },
  handler: ({ resourceUri }) => [
    {
      role: 'user',
      content: {
        type: 'resource',
        resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
      },
    },
    { role: 'user', content: { type: 'text', text: 'Please process the embedded resource above.' } },
  ],
});
