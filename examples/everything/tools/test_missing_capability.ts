import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Needs a client that can sample',
  uses: ['sampling'],
  handler: async (_input, { sample }) => {
    await sample({
      messages: [{ role: 'user', content: { type: 'text', text: 'Reply with the single word: pong' } }],
      maxTokens: 16,
    });
    return 'The client sampled';
  },
});
