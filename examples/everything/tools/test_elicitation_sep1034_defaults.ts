import { defineTool } from '@mcpgen/server';

export default defineTool({
  description: 'Asks the user with a form whose fields have defaults',
  uses: ['elicitation'],
  handler: async (_input, { elicit }) => {
    const { action, content = {} } = await elicit({
      message: 'Please review and update the form fields with defaults',
      requestedSchema: {
        type: 'object',
        properties: {
          name: { type: 'string', description: 'User name', default: 'John Doe' },
          age: { type: 'integer', description: 'User age', default: 30 },
          score: { type: 'number', description: 'User score', default: 95.5 },
          status: {
            type: 'string',
            description: 'User status',
            enum: ['active', 'inactive', 'pending'],
            default: 'active',
          },
          verified: { type: 'boolean', description: 'Verification status', default: true },
        },
        required: [],
      },
    });
    return `Elicitation completed: action=${action}, content=${JSON.stringify(content)}`;
  },
});
