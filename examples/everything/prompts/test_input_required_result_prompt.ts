import { definePrompt } from '@mcpgen/server';
import { textForm } from '../samples.ts';

export default definePrompt({
  title: 'Prompt That Asks',
  description: 'A prompt that asks the user for its context',
  uses: ['elicitation'],
  handler: async (_input, { elicit }) => {
    const { content } = await elicit(
      { message: 'What context should the prompt use?', requestedSchema: textForm('context') },
      { key: 'user_context' },
    );
    return `Use the following context: ${content?.context}`;
  },
});
