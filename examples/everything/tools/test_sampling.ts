import { defineTool } from '@mcpgen/server';
import { z } from 'zod';

export default defineTool({
  description: "Asks the client's model",
  input: z.object({ prompt: z.string().describe('What to ask') }),
  uses: ['sampling'],
  handler: async ({ prompt }, { sample }) => {
    const { content } = await sample({
      messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
      maxTokens: 100,
    });
    return `LLM response: ${JSON.stringify(content)}`;
  },
});
