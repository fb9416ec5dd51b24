import { defineTool } from '@mcpgen/server';
import { textForm } from '../samples.ts';

export default defineTool({
  description: 'Asks the user for a name, until there is one',
  uses: ['elicitation'],
  handler: async (_input, { elicit }) => {
    const { content } = await elicit(
      { message: 'What is your name?', requestedSchema: textForm('name') },
      { key: 'user_name' },
    );
    return `Hello, ${content?.name ?? 'stranger'}!`;
  },
});
