import { defineTool } from '@mcpgen/server';
import { textForm } from '../samples.ts';

export default defineTool({
  description: 'Asks for three things at once',
  uses: ['elicitation', 'sampling', 'roots'],
  handler: async (_input, { elicit, sample, roots }) => {
    const [name, greeting, found] = await Promise.all([
      elicit({ message: 'What is your name?', requestedSchema: textForm('name') }, { key: 'user_name' }),
      sample(
        { messages: [{ role: 'user', content: { type: 'text', text: 'Generate a greeting' } }], maxTokens: 50 },
        { key: 'greeting' },
      ),
      roots({ key: 'client_roots' }),
    ]);
    return `${JSON.stringify(greeting.content)} ${name.content?.name}: ${found.length} root(s)`;
  },
});
