import { definePrompt } from '@mcpgen/server';
import { RED_PIXEL } from '../samples.ts';

export default definePrompt({
  title: 'Prompt With Image',
  description: 'A prompt with an image inside',
  handler: () => [
    { role: 'user', content: { type: 'image', data: RED_PIXEL, mimeType: 'image/png' } },
    { role: 'user', content: { type: 'text', text: 'Please analyze the image above.' } },
  ],
});
