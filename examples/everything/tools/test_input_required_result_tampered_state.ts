import { defineTool } from '@mcpgen/server';
import { confirmForm } from '../samples.ts';

export default defineTool({
  description: 'Asks the user to confirm; a state that was changed on the way is refused',
  uses: ['elicitation'],
  handler: async (_input, { elicit }) => {
    const { action } = await elicit({ message: 'Please confirm', requestedSchema: confirmForm() }, { key: 'confirm' });
    return `integrity-ok: ${action}`;
  },
});
