import { defineTool } from '@mcpgen/server';
import { textForm } from '../samples.ts';

export default defineTool({
  description: 'Asks for two things, one after the other',
  uses: ['elicitation'],
  handler: async (_input, { elicit }) => {
    const name = await elicit(
      { message: 'Step 1: What is your name?', requestedSchema: textForm('name') },
      { key: 'step1' },
    );
    const color = await elicit(
      { message: 'Step 2: What is your favorite color?', requestedSchema: textForm('color') },
      { key: 'step2' },
    );
    return `${name.content?.name} likes ${color.content?.color}`;
  },
});
