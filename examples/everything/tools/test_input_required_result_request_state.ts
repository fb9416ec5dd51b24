import { defineTool } from '@mcpgen/server';
import { confirmForm } from '../samples.ts';

export default defineTool({
  description: 'Asks the user to confirm; the state of the call travels with the question',
  uses: ['elicitation'],
  handler: async (_input, { elicit }) => {
    const { action } = await elicit({ message: 'Please confirm', requestedSchema: confirmForm() }, { key: 'confirm' });
    return `state-ok: ${action}`;
  },
});
