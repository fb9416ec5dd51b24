import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: "Asks the client's model for a capital",
  uses: ['sampling'],
  handler: async (_input, { sample }) => {
    const { content } = await sample(
      {
        messages: [{ role: 'user', content: { type: 'text', text: 'What is the capital of France?' } }],
        maxTokens: 100,
      },
      { key: 'capital_question' },
    );
    return `Sampling response: ${JSON.stringify(content)}`;
  },
});
