import { defineTool } from '@mcpgen/server';
import { textForm } from '../samples.ts';

export default defineTool({
  description: 'Asks for what the client can give',
  uses: ['elicitation', 'sampling', 'roots'],
  handler: async (_input, { can, elicit, sample, roots }) => {
    const asked = [
      can('elicitation') &&
        elicit({ message: 'What is your name?', requestedSchema: textForm('name') }, { key: 'user_name' }),
      can('sampling') &&
        sample(
          { messages: [{ role: 'user', content: { type: 'text', text: 'Generate a greeting' } }], maxTokens: 50 },
          { key: 'greeting' },
        ),
      can('roots') && roots({ key: 'client_roots' }),
    ];
    const answers = await Promise.all(asked.filter((answer) => answer !== false));
    return `The client answered ${answers.length} question(s)`;
  },
});
