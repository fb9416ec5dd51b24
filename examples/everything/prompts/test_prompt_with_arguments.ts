import { definePrompt } from '@mcpgen/server';

export default definePrompt({
  title: 'Prompt With Arguments',
  description: 'A prompt with required arguments',
  arguments: {
    arg1: {
      description: 'First test argument',
      required: true,
      complete: (value) => ['alpha', 'beta', 'gamma'].filter((word) => word.startsWith(value)),
    },
    arg2: { description: 'Second test argument', required: true },
  },
  handler: ({ arg1, arg2 }) => `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`,
});
