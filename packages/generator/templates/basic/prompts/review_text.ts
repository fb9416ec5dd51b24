import { definePrompt } from '@mcpgen/server';

const TONES = ['formal', 'friendly', 'plain'];

export default definePrompt({
  title: 'Review a text',
  description: 'Asks for a review of a text by the style guide.',
  arguments: {
    text: { description: 'The text to review', required: true },
    tone: {
      description: 'The tone it should have',
      complete: (value: string) => TONES.filter((tone) => tone.startsWith(value)),
    },
  },
  handler: ({ text, tone }) =>
    `Review this text by the resource guide://style. It should sound ${tone ?? 'plain'}.\n\n${text}`,
});
