import { definePrompt } from '@mcpgen/server';

export default definePrompt({
  title: 'Simple Test Prompt',
  description: 'A prompt without arguments',
  handler: () => 'This is a simple prompt for testing.',
});
