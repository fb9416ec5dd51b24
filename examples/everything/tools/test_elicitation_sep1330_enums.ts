import { defineTool } from '@mcpgen/server';

const VALUES = ['option1', 'option2', 'option3'];

function titled(noun: string) {
  return ['First', 'Second', 'Third'].map((ordinal, index) => ({
    const: `value${index + 1}`,
    title: `${ordinal} ${noun}`,
  }));
}

export default defineTool({
  description: 'Asks the user to choose, in each of the five forms that choices have',
  uses: ['elicitation'],
  handler: async (_input, { elicit }) => {
    const { action, content = {} } = await elicit({
      message: 'Please select options from the enum fields',
      requestedSchema: {
        type: 'object',
        properties: {
          untitledSingle: { type: 'string', description: 'Select one option', enum: VALUES },
          titledSingle: { type: 'string', description: 'Select one option with titles', oneOf: titled('Option') },
          legacyEnum: {
            type: 'string',
            description: 'Select one option (legacy)',
            enum: ['opt1', 'opt2', 'opt3'],
            enumNames: ['Option One', 'Option Two', 'Option Three'],
          },
          untitledMulti: {
            type: 'array',
            description: 'Select multiple options',
            minItems: 1,
            maxItems: 3,
            items: { type: 'string', enum: VALUES },
          },
          titledMulti: {
            type: 'array',
            description: 'Select multiple options with titles',
            minItems: 1,
            maxItems: 3,
            items: { anyOf: titled('Choice') },
          },
        },
        required: [],
      },
    });
    return `Elicitation completed: action=${action}, content=${JSON.stringify(content)}`;
  },
});
