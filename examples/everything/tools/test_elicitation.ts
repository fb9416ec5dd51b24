import { defineTool } from '@mcpgen/server';
import { z } from 'zod';

export default defineTool({
  description: 'Asks the user',
  input: z.object({ message: z.string().describe('What the user is asked') }),
  uses: ['elicitation'],
  handler: async ({ message }, { elicit }) => {
    const { action, content = {} } = await elicit({
      message,
      requestedSchema: {
        type: 'object',
        properties: { response: { type: 'string', description: "User's response" } },
        required: ['response'],
      },
    });
    return `User response: action=${action}, content=${JSON.stringify(content)}`;
  },
});
